"""Who the patients are. The first of each hospital has the rich chart, the second the nearly empty one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from config.demo.charts import stories
from config.demo.charts.chart import Chart
from config.demo.charts.coding import Json


@dataclass(frozen=True, slots=True)
class Person:
    given: str
    family: str
    sex: str
    age: int
    story: Callable[[Chart], None]
    language: str = "en"
    more: Json = field(default_factory=dict)


def _also(use: str, given: str, family: str) -> Json:
    return {"use": use, "family": family, "given": [given]}


MERCY_PATIENTS = (
    Person("Alice", "Moreno", "female", 58, stories.rich_adult),
    Person("Grace", "Kim", "female", 34, stories.one_allergy, "ko"),
    Person("Frank", "O'Brien", "male", 71, stories.heart),
    Person("José Ángel", "Núñez", "male", 64, stories.diabetes, "es"),
    Person("فاطمة", "الزهراء", "female", 47, stories.thyroid, "ar", {"names": [_also("usual", "Fatima", "Al-Zahra")]}),
    Person(
        "秀英",
        "李",
        "female",
        69,
        stories.pressure,
        "zh",
        {"text": "李秀英", "names": [_also("usual", "Xiuying", "Li")]},
    ),
    Person("Ольга", "Соколова", "female", 55, stories.kidney, "ru", {"names": [_also("usual", "Olga", "Sokolova")]}),
    Person("Maria-Luisa", "von Hohenstein-Østergaard", "female", 82, stories.heart, "da"),
    Person("Harold", "Jefferson", "male", 77, stories.kidney),
    Person("Nguyễn Thị", "Hương", "female", 52, stories.diabetes, "vi"),
    Person("Walter", "Brandt", "male", 66, stories.gout),
    Person("Denise", "Baker", "female", 61, stories.pressure),
    Person("Samuel", "Adeyemi", "male", 45, stories.pressure),
    Person("Ruth", "Goldberg", "female", 88, stories.frail),
    Person("Tom", "Whitfield", "male", 39, stories.mood),
    Person("Carmen", "Delgado Ríos", "female", 31, stories.expecting, "es"),
    Person("Leroy", "Washington", "male", 59, stories.diabetes),
    Person("Beatriz", "Fonseca", "female", 73, stories.thyroid, "pt"),
    Person("Yusuf", "Rahman", "male", 50, stories.reflux, "bn"),
    Person("Helen", "Papadopoulos", "female", 67, stories.bones, "el"),
    Person("Ivan", "Kowalczyk", "male", 43, stories.back_pain, "pl"),
    Person("Margaret", "Sinclair", "female", 79, stories.lungs),
    Person("Darnell", "Hughes", "male", 28, stories.healthy_adult),
    Person("Sofia", "Marchetti", "female", 26, stories.healthy_adult, "it"),
    Person("Ben", "Moreno", "male", 9, stories.school_child, "en", {"parent": ("Alice", "Moreno", "MTH", "mother")}),
    Person("Edith", "Lawson", "female", 91, stories.frail, "en", {"deceased": True}),
    Person("Gene", "Park", "other", 62, stories.pressure, "en", {"birth": "year"}),
    Person("Denise M", "Baker", "female", 61, stories.nothing, "en", {"replaced_by": 12}),
)

RIVERSIDE_PATIENTS = (
    Person("Eve", "Lindqvist", "female", 17, stories.rich_teen),
    Person("عمر", "حداد", "male", 16, stories.nothing, "ar", {"names": [_also("usual", "Omar", "Haddad")]}),
    Person("Mateo", "Vargas", "male", 6, stories.asthma, "es"),
    Person("Lily", "Thompson", "female", 1, stories.baby),
    Person("Noah", "Fitzgerald", "male", 0, stories.newborn),
    Person("Ava", "Patel", "female", 4, stories.peanut),
    Person("Jayden", "Brooks", "male", 11, stories.attention),
    Person("Zoe", "Nakamura", "female", 8, stories.school_child, "ja"),
    Person("Elijah", "Carter", "male", 13, stories.type_one),
    Person("Mia", "Kowalski", "female", 10, stories.celiac),
    Person("Aarav", "Sharma", "male", 3, stories.toddler, "hi"),
    Person("Chloé", "Dubois", "female", 15, stories.thyroid, "fr"),
    Person("Lucas", "Oliveira", "male", 7, stories.asthma, "pt"),
    Person("Amina", "Yusuf", "female", 5, stories.toddler, "so"),
    Person("Ethan", "Cole", "male", 14, stories.broken_arm),
    Person("Isabella", "Romero", "female", 12, stories.migraine, "es"),
    Person("Kai", "Kealoha", "male", 2, stories.toddler),
    Person("Hannah", "Weiss", "female", 9, stories.school_child),
    Person("Minh", "Trần", "male", 10, stories.asthma, "vi"),
    Person("Grace", "Osei", "female", 6, stories.sickle_trait),
    Person("Oliver", "Stone", "male", 1, stories.baby),
    Person("Nora", "Lindqvist", "female", 44, stories.healthy_adult, "sv"),
    Person("Marcus", "Carter", "male", 41, stories.pressure),
    Person("Lucía", "Vargas", "female", 33, stories.expecting, "es"),
    Person("Deepa", "Sharma", "female", 36, stories.healthy_adult, "hi"),
    Person("Theo", "Bergström", "male", 16, stories.school_child, "sv", {"birth": "month"}),
)
ROSTERS = {"mercy": MERCY_PATIENTS, "riverside": RIVERSIDE_PATIENTS}
