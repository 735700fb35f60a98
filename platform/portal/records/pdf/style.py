"""How the copy looks: black on white, the hospital's tone for headings, its name and the page's number at the foot."""

from portal.records.pdf.fonts import STACK

STYLE = """
@page {{ size: Letter; margin: 20mm 18mm 22mm;
  @bottom-left {{ content: "{foot}"; font: 8.5pt {stack}; color: #444; }}
  @bottom-right {{ content: counter(page); font: 8.5pt {stack}; color: #444; }} }}
html {{ font: 10.5pt/1.45 {stack}; color: #111; }}
header {{ border-bottom: 2pt solid {color}; margin-bottom: 8mm; padding-bottom: 4mm; }}
.hospital {{ font-weight: 700; font-size: 12pt; color: {color}; margin: 0; }}
h1 {{ font-size: 22pt; margin: 1mm 0; }}
h2 {{ font-size: 16pt; margin: 0 0 4mm; color: {color}; }}
h3 {{ font-size: 12.5pt; margin: 6mm 0 2mm; break-after: avoid; }}
p {{ margin: 0 0 1mm; }}
.who {{ font-size: 13pt; font-weight: 700; }}
.meta, .made, small, .unit {{ color: #444; }}
.item {{ border-top: 0.5pt solid #bbb; padding: 2.5mm 0; break-inside: avoid; }}
.name {{ font-weight: 700; font-size: 11.5pt; }}
.tag {{ font-weight: 400; font-size: 9pt; border: 0.5pt solid #777; border-radius: 2pt; padding: 0 1.5mm; }}
ul {{ margin: 1mm 0 0; padding-inline-start: 5mm; }}
table {{ width: 100%; border-collapse: collapse; font-size: 9.5pt; }}
th {{ text-align: start; border-bottom: 1pt solid #333; padding: 1mm 2mm 1mm 0; }}
td {{ border-bottom: 0.5pt solid #bbb; padding: 1.2mm 2mm 1.2mm 0; vertical-align: top; }}
tr {{ break-inside: avoid; }}
"""


def style_of(foot: str, color: str) -> str:
    """`foot` goes into a CSS string, so what could end one is taken out."""
    plain = "".join(letter for letter in foot if letter.isprintable() and letter not in '"\\\n')
    return STYLE.format(foot=plain, color=color, stack=STACK)
