"""What the tables of other people's apps hold of ours."""

from django.utils.translation import gettext_lazy as _

from foundation.personal import Holds, Kept, delete_rows, each_row, hold_nothing, holds

NUMBER_ONLY = Kept(_("It names the account by a number only, and the account no longer says whose it was."))

NOTHING = (
    "contenttypes.ContentType", "auth.Permission", "auth.Group", "auth.Group_permissions",
    "guardian.GroupObjectPermission", "taggit.Tag", "taggit.TaggedItem",
    "wagtailredirects.Redirect", "wagtailembeds.Embed", "wagtailimages.Rendition", "wagtailadmin.Admin",
    "wagtailcore.Locale", "wagtailcore.Site", "wagtailcore.GroupSitePermission", "wagtailcore.WorkflowContentType",
    "wagtailcore.CollectionViewRestriction", "wagtailcore.CollectionViewRestriction_groups", "wagtailcore.Collection",
    "wagtailcore.GroupCollectionPermission", "wagtailcore.Workflow", "wagtailcore.WorkflowTask", "wagtailcore.Task",
    "wagtailcore.GroupApprovalTask", "wagtailcore.GroupApprovalTask_groups", "wagtailcore.GroupPagePermission",
    "wagtailcore.PageViewRestriction", "wagtailcore.PageViewRestriction_groups", "wagtailcore.WorkflowPage",
    "wagtailcore.ReferenceIndex",
)  # fmt: skip
# The hospital's public pages, and the library's device tables, which stay empty (portal.accounts has its own).
TECHNICAL = (
    "otp_static.StaticToken", "wagtailsearch.IndexEntry", "wagtailforms.FormSubmission",
)  # fmt: skip
# What staff do on the hospital's pages: model, the column of the account, columns without meaning to them.
STAFF_KEEP = {
    "wagtailcore.Page": ("owner_id", _("Pages made for the hospital")),
    "wagtailcore.Revision": ("user_id", _("Versions of pages")),
    "wagtailcore.PageLogEntry": ("user_id", _("What was done to pages")),
    "wagtailcore.ModelLogEntry": ("user_id", _("What was done to settings")),
    "wagtailcore.WorkflowState": ("requested_by_id", _("Pages sent for review")),
    "wagtailcore.TaskState": ("finished_by_id", _("Reviews of pages")),
    "wagtaildocs.Document": ("uploaded_by_user_id", _("Files on the hospital’s pages")),
    "wagtailimages.Image": ("uploaded_by_user_id", _("Pictures on the hospital’s pages")),
}
STAFF_DELETE = {
    "wagtailusers.UserProfile": ("user_id", _("Settings of the page editor"), ()),
    "wagtailadmin.EditingSession": ("user_id", _("Pages open to edit"), ()),
    "wagtailadmin.FormState": ("user_id", _("Forms begun in the page editor"), ()),
    "wagtailcore.APIToken": ("user_id", _("Keys for programs"), ("key_hash",)),
    "wagtailcore.UploadedFile": ("uploaded_by_user_id", _("Files on their way to the page editor"), ()),
    "wagtailcore.CommentReply": ("user_id", _("Answers to comments on pages"), ()),
    "wagtailcore.Comment": ("user_id", _("Comments on pages"), ()),
    "wagtailcore.PageSubscription": ("user_id", _("News of pages"), ()),
    "accounts.User_groups": ("user_id", _("Groups"), ()),
    "accounts.User_user_permissions": ("user_id", _("Rights given to one person"), ()),
    "guardian.UserObjectPermission": ("user_id", _("Rights on single things"), ()),
    "otp_static.StaticDevice": ("user_id", _("Recovery codes of an older kind"), ()),
    "otp_totp.TOTPDevice": ("user_id", _("Code apps of an older kind"), ("key",)),
}


def declare() -> None:
    hold_nothing(*NOTHING)
    hold_nothing(*TECHNICAL, what=Holds.TECHNICAL)
    for label, (person, title) in STAFF_KEEP.items():
        holds(label, Holds.ACCOUNT, title=title, person=person, export=each_row, erase=NUMBER_ONLY)
    for label, (person, title, hidden) in STAFF_DELETE.items():
        holds(label, Holds.ACCOUNT, title=title, person=person, hidden=hidden, export=each_row, erase=delete_rows)
