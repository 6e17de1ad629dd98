"""The pages about errors, as the API's description has them."""

from __future__ import annotations

from registry.api.openapi import content, in_path, operation

TAG = "pages"
ABOUT = "For people, in HTML. The admin, below /admin/, is not described here."
PATHS = {
    "/help/errors/": {
        "get": operation("error_index", TAG, "Every error code with its page.", content(html={}), public=True)
    },
    "/help/errors/{code}": {
        "get": operation(
            "error_page",
            TAG,
            "What an error code means, and what to do about it.",
            content(html={}),
            parameters=(in_path("code", "As in the field `code` of an error.", "^[a-z0-9-]+$"),),
            public=True,
            _404={"description": "No error has this code.", "content": content(html={})},
        )
    },
}
