// Comforts. Every page works without this file.
(function () {
  "use strict";
  var words = document.currentScript.dataset;

  function each(selector, work) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), work);
  }

  // The summary of errors takes the focus, so that it is read first.
  each("[data-focus]", function (box) { box.focus(); });

  // A password can be looked at.
  each(".with-button > input[type=password]", function (input) {
    var button = document.createElement("button");
    var said = document.createElement("span");
    button.type = "button";
    button.textContent = words.show;
    button.setAttribute("aria-controls", input.id);
    button.setAttribute("aria-pressed", "false");
    said.className = "unseen";
    said.setAttribute("role", "status");
    button.addEventListener("click", function () {
      var shown = input.type === "password";
      input.type = shown ? "text" : "password";
      button.textContent = shown ? words.hide : words.show;
      button.setAttribute("aria-pressed", String(shown));
      said.textContent = shown ? words.shown : words.hidden;
    });
    input.after(button, said);
    if (input.form) { input.form.addEventListener("submit", function () { input.type = "password"; }); }
  });

  // What only works with a script is hidden until there is one.
  each("[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
    // Who prints a page of a record leaves an event, by whatever key or menu.
    if (!button.dataset.print) { return; }
    window.addEventListener("beforeprint", function () {
      var form = new FormData();
      form.append("page", window.location.pathname);
      window.fetch(button.dataset.print, { method: "POST", body: form, keepalive: true, headers: { "X-CSRFToken": button.dataset.token } });
    });
  });
  each("[data-copy]", function (button) {
    if (!navigator.clipboard) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      var source = document.getElementById(button.dataset.copy);
      navigator.clipboard.writeText(source.textContent.trim()).then(function () { button.textContent = button.dataset.done; });
    });
  });

  // A link to a question becomes a dialog on the same page: <a data-dialog="id" href="/the/page/instead">.
  each("[data-dialog]", function (opener) {
    var dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog || !dialog.showModal) { return; }
    opener.addEventListener("click", function (event) { event.preventDefault(); dialog.showModal(); });
  });

  // A form is sent once, however often its button is pressed.
  each("form[method=post]", function (form) {
    form.addEventListener("submit", function (event) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      window.setTimeout(function () { delete form.dataset.sent; }, 8000);
    });
  });
  window.addEventListener("pageshow", function () { each("form[data-sent]", function (form) { delete form.dataset.sent; }); });

  // A page that waits for something looks again by itself: <div data-refresh="5">.
  each("[data-refresh]", function (box) {
    window.setTimeout(function () { window.location.reload(); }, Number(box.dataset.refresh) * 1000);
  });
}());
