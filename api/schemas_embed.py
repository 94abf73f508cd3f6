"""Response bodies of oEmbed (https://oembed.com), as in `api.schemas`."""

from typing import Literal

from pydantic import Field

from api.schemas import Body


class Embedding(Body):
    """How to show an address of this service on another page."""

    version: Literal["1.0"] = "1.0"
    type: Literal["rich"] = "rich"
    title: str
    provider_name: str
    provider_url: str
    cache_age: int = Field(default=3600, description="Seconds for which it may be kept.")
    html: str = Field(description="A frame.")
    width: int = Field(description="In pixels, at most `maxwidth`.")
    height: int = Field(description="In pixels, at most `maxheight`.")
