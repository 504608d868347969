"""Draws what a command prints in a terminal as an SVG, in the terminal's colours."""

import io

from rich.console import Console
from rich.text import Text

from local import terminal

# As Rich's own, without fonts from the network: GitHub and offline readers show a picture as it is, or not at all.
_FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
  <style>
    .{unique_id}-matrix {{
      font: {char_height}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
      line-height: {line_height}px;
      white-space: pre;
    }}
    .{unique_id}-title {{ font: bold 16px system-ui, sans-serif; }}
    {styles}
  </style>
  <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect width="{terminal_width}" height="{terminal_height}"/>
    </clipPath>
    {lines}
  </defs>
  {chrome}
  <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
    {matrix}
    </g>
  </g>
</svg>
"""


def draw(name: str, command: str, printed: str) -> str:
    """Return an SVG of a terminal with `command` and what it has printed, ANSI escapes included.

    `name` tells its styles from those of other drawings on a page.
    """
    console = Console(record=True, width=terminal.COLUMNS, file=io.StringIO(), force_terminal=True, color_system="256")
    console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
    console.print(Text.from_ansi(printed.rstrip()))
    svg = console.export_svg(title="Terminal", code_format=_FORMAT, unique_id=name)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"
