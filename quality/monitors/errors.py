"""What can go wrong with profiles, in words for people."""

from contracts.errors import Unavailable, UsageError


class ProfilesInUse(Unavailable):
    """Profiles have one writer at a time."""

    code = "profiles-in-use"
    fact = {"en": "another process brings the profiles of deliveries up to date", "zh": "另一进程正在更新批次画像"}
    hint = {"en": "Wait until it ends, then ask again.", "zh": "请等待其结束后重试。"}


class UnknownField(UsageError):
    """The feed has no field of this name."""

    code = "unknown-field"
    fact = {"en": "{feed} has no field with this name", "zh": "{feed} 没有该名称的字段"}
    hint = {"en": "Name one of: {fields}.", "zh": "请使用以下之一：{fields}。"}
