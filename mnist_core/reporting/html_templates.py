"""HTML comes from Jinja2 templates: this module finds them, fills them in and escapes what they are given.

    >>> print(render("conclusion.html.j2", sentences=[("", "<mine>", "is faster")], unmeasured=""))
    <div class='conclusion'><p><span><b>&lt;mine&gt;</b> is faster.</span></p></div>

The templates of this package are in the folder `templates`. A page that has templates beside it makes an environment of
its own with `environment_for(folder)`. Its templates can include those of this package too.

`render` gives `Markup`, a string that is known to be HTML. A template inserts it as it is and escapes every other
string. Beware of `+`: `Markup + str` escapes the string. Join pieces with `"".join` or in a template.
"""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mnist_core import formatting
from mnist_core.reporting.picture_addresses import data_url

TEMPLATES = Path(__file__).with_name("templates")
"""The folder with the templates of this package."""


def unbreakable(text: str) -> str:
    """The text without a place where a line may break.

    >>> unbreakable("98.13 %")
    '98.13\xa0%'
    """
    return text.replace(" ", "\u00a0")


FILTERS = (
    formatting.percent,
    formatting.short_percent,
    formatting.probability,
    formatting.number,
    formatting.count,
    formatting.plural,
    formatting.duration,
    formatting.setting,
    data_url,
    unbreakable,
)
"""The functions that a template can use as filters, under their own names: `{{ accuracy | percent }}`."""


@cache
def environment_for(folder: Path) -> Environment:
    """The templates in `folder` and those of this package.

    Values are escaped unless they are Markup. A name that was not given is an error. Each template is compiled once.
    """
    environment = Environment(
        loader=FileSystemLoader([folder, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update({function.__name__: function for function in FILTERS})
    return environment


def render(template_name: str, *, folder: Path = TEMPLATES, **values: Any) -> Markup:
    """The HTML of a template.

    template_name: the name of a file in `folder`, or of a template of this package. values: what the template uses.
    Raises jinja2.TemplateNotFound for an unknown name and jinja2.UndefinedError for a value that is missing.
    """
    return Markup(environment_for(folder).get_template(template_name).render(values))
