"""What can go wrong when a site is put into its folder."""

from __future__ import annotations

from contracts.errors import Unavailable, UsageError


class SiteFolderTaken(UsageError):
    """A site is to be built where something else lies."""

    code = "site-folder-taken"
    fact = {"en": "{folder} holds something that is no site built by `cabin docs build`", "zh": "{folder} 中有并非由 `cabin docs build` 生成的内容"}
    hint = {"en": "Name an empty folder, or one that does not exist yet; nothing there was changed.", "zh": "请指定空目录或尚不存在的目录；其中内容未作更改。"}


class SiteBusy(Unavailable):
    """Another process builds the same site."""

    code = "site-busy"
    fact = {"en": "another `cabin docs build` writes {folder}", "zh": "另一个 `cabin docs build` 正在写入 {folder}"}
    hint = {"en": "Wait until it ends; the site there stays as it is until then.", "zh": "请等待其结束；在此之前原有站点保持不变。"}
