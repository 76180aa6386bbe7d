"""The page's words, and the names of fact types in each language."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = {"zh-CN": "中文", "en": "English"}

TEXTS: Final[dict[str, dict[str, str]]] = {
    "zh-CN": {
        "title": "门店云",
        "product": "Storekeeper",
        "subtitle": "各门店发生的每件事，都按顺序到达这里，一件不少，一件不重",
        "facts": "已接收记录",
        "registrations": "会员注册",
        "claims": "优惠券领取",
        "unlocks": "购物车开锁",
        "stores": "门店",
        "store": "门店",
        "online": "已连接",
        "silent": "未联系",
        "forked": "记录分叉",
        "forked_help": "门店的日志与云端已确认的内容不一致。数据仍在门店，没有丢失，请人工检查。",
        "contact": "最近联系",
        "cursor": "已接收至",
        "of": "门店最新",
        "stream": "日志流",
        "waiting": "待上传",
        "complete": "已全部到达",
        "by_type": "按类型",
        "quarantined": "隔离待查",
        "newest": "最新注册",
        "time": "时间",
        "member": "会员",
        "touchpoint": "触点",
        "language": "语言",
        "consents": "同意",
        "service": "服务",
        "marketing": "营销",
        "phone": "手机号",
        "sealed": "已加密",
        "sealed_help": "手机号在门店内加密，云端没有密钥，看不到号码。",
        "no_people": "还没有注册。有人在门店扫码注册后，会立即出现在这里。",
        "no_stores": "还没有门店联系过。启动一家门店的同步进程后，它会自动出现。",
        "stale": "与云端的连接中断，显示的是之前的内容",
    },
    "en": {
        "title": "Store cloud",
        "product": "Storekeeper",
        "subtitle": "Everything that happens in the stores arrives here, in order, exactly once",
        "facts": "Facts received",
        "registrations": "Registrations",
        "claims": "Coupons claimed",
        "unlocks": "Carts unlocked",
        "stores": "Stores",
        "store": "Store",
        "online": "Connected",
        "silent": "Not in contact",
        "forked": "Records differ",
        "forked_help": "This journal is not the one acknowledged before. Nothing is lost there; somebody must look.",
        "contact": "Last contact",
        "cursor": "Received up to",
        "of": "newest in store",
        "stream": "Stream",
        "waiting": "waiting in store",
        "complete": "everything has arrived",
        "by_type": "By type",
        "quarantined": "Set aside to look at",
        "newest": "Newest registrations",
        "time": "Time",
        "member": "Member",
        "touchpoint": "Touchpoint",
        "language": "Language",
        "consents": "Agreed to",
        "service": "Service",
        "marketing": "Marketing",
        "phone": "Phone",
        "sealed": "sealed",
        "sealed_help": "Phone numbers are encrypted in the store. The cloud has no key and cannot read them.",
        "no_people": "Nobody has registered yet. Whoever scans a code in a store and registers appears here at once.",
        "no_stores": "No store has been in contact yet. Start a store's sync process and it appears by itself.",
        "stale": "No connection to the cloud; this is what it showed before",
    },
}

_TYPES: Final[dict[str, tuple[str, str]]] = {
    "cart.returned": ("购物车归还", "Carts returned"),
    "cart.seen": ("购物车状态", "Carts seen"),
    "cart.unlock_failed": ("开锁失败", "Unlocks failed"),
    "cart.unlock_granted": ("开锁授权", "Unlocks granted"),
    "cart.unlock_lapsed": ("开锁过期", "Unlocks lapsed"),
    "cart.unlocked": ("购物车开锁", "Carts unlocked"),
    "coupon.claimed": ("优惠券领取", "Coupons claimed"),
    "coupon.offered": ("优惠券上架", "Coupons offered"),
    "coupon.withdrawn": ("优惠券下架", "Coupons withdrawn"),
    "device.came_online": ("设备上线", "Devices came online"),
    "device.enrolled": ("设备登记", "Devices enrolled"),
    "device.reported": ("设备事件", "Device reports"),
    "device.seen": ("设备状态", "Devices seen"),
    "device.went_offline": ("设备离线", "Devices went offline"),
    "member.recognised": ("会员再次识别", "Members recognised"),
    "member.registered": ("会员注册", "Members registered"),
    "touchpoint.defined": ("触点设置", "Touchpoints set up"),
    "touchpoint.scanned": ("扫码", "Codes scanned"),
    "zone.defined": ("区域设置", "Zones set up"),
}


def type_name(kind: str, language: str) -> str:
    """What a fact type is called; its own tag where it has no name here, which is no fault."""
    name = _TYPES.get(kind.rpartition(".")[0])
    if name is None:
        return kind or "—"
    return name[0] if language == "zh-CN" else name[1]
