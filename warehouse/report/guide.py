"""What a grid's page says the same of every grid: words for reasons, outcomes and measures, and how a visit is done."""

from __future__ import annotations

from contracts.model import Label

TITLE = Label("网格工作单", "Grid sheet")
DO = Label("干什么", "What to do")
HOW = Label("怎么干", "How to do it")
WELL = Label("干得怎么样", "How well it is done")
REASONS = {
    "dispute": Label("不一致", "disputed"),
    "freshness": Label("过期", "old"),
    "expected_gain": Label("未核实", "unverified"),
    "coverage": Label("一年未访", "not visited"),
}
"""Why to knock, in the order of the worklist: sources disagree, freshness has ended, no visit ever verified it, nobody came within a year."""
OUTCOMES = {
    "confirmed": Label("属实", "confirmed"),
    "corrected": Label("更正", "corrected"),
    "listed": Label("在住名册列出", "listed by a roster"),
    "unlisted": Label("完整名册未列", "not on a complete roster"),
    "counted": Label("完整名册计数", "counted by a complete roster"),
    "not_observable": Label("无法核实", "not observable"),
    "declined": Label("拒绝", "declined"),
    "no_longer_exists": Label("房屋已不存在", "the dwelling no longer exists"),
}
MEASURES = {
    "visited": Label("一年内走访率", "Visited within a year"),
    "accuracy": Label("准确率", "Accuracy"),
    "freshness": Label("鲜活度", "Freshness"),
    "linkage": Label("关联率", "Linkage"),
    "residence_consistency": Label("人户一致率", "Residence consistency"),
}
MEANINGS = {
    "visited": Label("一年内走访过的房屋占已知房屋", "dwellings visited within a year / known dwellings"),
    "accuracy": Label("走访核查的说法中属实者，按图示各周", "claims that visits of the weeks shown confirmed / those they checked"),
    "freshness": Label("仍在鲜活期内的说法", "claimed values inside their freshness"),
    "linkage": Label("人和房两端都已知的人房关系", "links whose person and dwelling are both known"),
    "residence_consistency": Label("户籍在此且居住在此", "registered here who live here"),
}
SCOPES = {"grid": Label("本网格", "this grid"), "township": Label("所在乡镇街道", "its township"), "all": Label("全区", "all")}
STEPS = (
    Label(
        "先看清单再敲门：只问列出的项目；来源不一致的项目不念给对方听，请对方自己说。",
        "Read the list before knocking: ask what is listed only; where sources disagree, let the resident say it and read nothing out.",
    ),
    Label(
        "属实和更正都要写下值；无法核实或拒绝照实填写，不改变任何值。",
        "Write the value down both when it is confirmed and when it is corrected; not observable and declined change nothing.",
    ),
    Label(
        "名册写“完整”须问遍现住每个人：不在册者即视为不住此处；只见到一部分人时写“部分”。",
        "A complete roster names everybody who lives there: who is not on it counts as not living there. Where only some were met, it is partial.",
    ),
    Label(
        "证件号码、姓名写法、性别、出生、户籍和登记信息走访不能改：不符时转为对部门的更正请求。",
        "Numbers, spelling of names, sex, birth, registered residence and registers are not changed by a visit: they become a correction request to the department.",
    ),
    Label(
        "无人在家、拒绝、查无此处也要结束走访并写明；看过证件、现场所见、口头所述分别注明依据。",
        "Close the visit also where nobody is home, it is declined or not found; say whether a document was seen, the thing itself, or it was told.",
    ),
)
"""After what a visit can and cannot change, and asking once."""


def word(words: dict[str, Label], code: str) -> Label:
    """The words for a code; the code itself where a later release has more of them."""
    return words.get(code, Label(code, code))
