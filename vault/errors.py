"""What can be wrong with a vault, in words for people; no message names a subject or a value."""

from contracts.errors import Unavailable


class MasterKeyExposed(Unavailable):
    """The file of the master key can be read by others than its owner."""

    code = "master-key-exposed"
    fact = {"en": "the master key file {path} can be read by other users", "zh": "主密钥文件 {path} 可被其他用户读取"}
    hint = {"en": "Run `chmod 600` on it, and replace the key if somebody may have read it.", "zh": "请对该文件执行 `chmod 600`；若可能已泄露，请更换密钥。"}


class MasterKeyMissing(Unavailable):
    """The vault holds subjects but the master key file is gone."""

    code = "master-key-missing"
    fact = {"en": "the vault has subjects, but its master key file {path} is missing or damaged", "zh": "保险库中已有主体，但主密钥文件 {path} 缺失或损坏"}
    hint = {"en": "Restore the key file from its copy; without it no sealed value can be opened.", "zh": "请从备份恢复密钥文件；没有它，任何密封值都无法打开。"}


class SealBroken(Unavailable):
    """A sealed value does not open with its subject's key."""

    code = "seal-broken"
    fact = {"en": "{count} sealed values do not open with their subjects' keys", "zh": "有 {count} 个密封值无法用其主体密钥打开"}
    hint = {
        "en": "Check that vault and log belong together, and restore the vault that wrote the log.",
        "zh": "请检查保险库与日志是否配套，并恢复写入该日志时使用的保险库。",
    }
