"""A stand-in for WeChat Pay, version 3, written from its contract: it signs, verifies and encrypts by its own code.

Levers make every trouble of the real one: requests and answers that are lost, late, doubled, forged or stale.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MCHID, APPID, API_KEY = "1900000109", "wxd678efh567hg6787", "0123456789abcdef0123456789ABCDEF"
MERCHANT_SERIAL = "444F4864EA9B34415DAC3A2A9F3CE3B4"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000001092026"
ORDER = re.compile(r"^[0-9A-Za-z_*|-]{6,32}$")
SKEW_S = 300


class Levers:
    """What the next requests meet. Each number counts down."""

    def __init__(self) -> None:
        self.drop_request = 0
        """So many requests are not heard at all."""
        self.drop_answer = 0
        """So many are carried out, and their answer is lost."""
        self.delay_s = 0.0
        self.refuse: list[tuple[int, str]] = []
        """Status and code, for one request each."""
        self.forge = ""
        """`signature`, `body`, `probe`, `stale`, `serial`: what is wrong with every answer."""
        self.clock_s = 0.0
        """How far its clock is off."""
        self.amount = 0
        """What is added to the amount that it tells."""
        self.mchid = MCHID
        self.refund = "SUCCESS"
        """What a new refund is: `PROCESSING` until it is set otherwise, `ABNORMAL`, `CLOSED`."""
        self.certificates = False
        """Whether answers are signed by a certificate instead of the public key."""


class WechatPay:
    """Orders and refunds in memory; `base` is its address."""

    def __init__(self) -> None:
        self.levers = Levers()
        self.orders: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.bad: list[str] = []
        """What was wrong with requests."""
        self._nonces: set[str] = set()
        self._lock = threading.Lock()
        self.merchant = rsa.generate_private_key(65537, 2048)
        self._own = rsa.generate_private_key(65537, 2048)
        self.certificate = self._certificate()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="wechat pay", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def serial(self) -> str:
        return f"{self.certificate.serial_number:X}"

    def keys(self, folder: Path) -> dict[str, Any]:
        """The files of a merchant, and the settings that name them."""
        private, api = folder / "apiclient_key.pem", folder / "api.key"
        pem = serialization.Encoding.PEM
        private.write_bytes(
            self.merchant.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        api.write_text(API_KEY)
        public = folder / "pub_key.pem"
        public.write_bytes(self._own.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
        found: dict[str, Any] = {"mchid": MCHID, "appid": APPID, "serial": MERCHANT_SERIAL, "url": self.base}
        found |= {"key": private, "api_key": api, "notify_url": "https://cloud.example.com/wechat"}
        return found | ({} if self.levers.certificates else {"public_key": public, "public_key_id": PUBLIC_KEY_ID})

    def pay(self, order: str, openid: str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o") -> None:
        """The shopper pays; whatever was asked for is carried out."""
        found = self.orders[order]
        assert found["trade_state"] in ("NOTPAY", "USERPAYING"), found["trade_state"]
        found |= {
            "trade_state": "SUCCESS",
            "transaction_id": f"42000{secrets.randbelow(10**23):023}",
            "success_time": "2026-11-26T12:00:00+08:00",
            "payer": {"openid": openid},
        }

    def notify(self, order: str, **changes: Any) -> tuple[dict[str, str], bytes]:
        """Headers and body of the news that an order was paid."""
        resource = json.dumps({**self._transaction(order), **changes}).encode()
        nonce = secrets.token_hex(6)
        sealed = AESGCM(API_KEY.encode()).encrypt(nonce.encode(), resource, b"transaction")
        body = json.dumps(
            {
                "id": secrets.token_hex(16),
                "create_time": "2026-11-26T12:00:00+08:00",
                "resource_type": "encrypt-resource",
                "event_type": "TRANSACTION.SUCCESS",
                "summary": "支付成功",
                "resource": {
                    "original_type": "transaction",
                    "algorithm": "AEAD_AES_256_GCM",
                    "ciphertext": base64.b64encode(sealed).decode(),
                    "associated_data": "transaction",
                    "nonce": nonce,
                },
            }
        ).encode()
        return self._signed(body), body

    # What follows is the other side's own code: it shares nothing with the library that it is tried with.

    def _certificate(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com sign stand-in")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self._own.public_key())
        made = made.serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=365))
        return made.sign(self._own, hashes.SHA256())

    def _signed(self, body: bytes) -> dict[str, str]:
        forge = self.levers.forge
        stamp = str(int(time.time() + self.levers.clock_s - (3 * 86400 if forge == "stale" else 0)))
        nonce = secrets.token_hex(16)
        message = f"{stamp}\n{nonce}\n".encode() + (b"other" if forge == "body" else body) + b"\n"
        signature = base64.b64encode(self._own.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()
        if forge == "signature":
            signature = base64.b64encode(secrets.token_bytes(256)).decode()
        if forge == "probe":
            signature = "WECHATPAY/SIGNTEST/" + signature
        serial = self.serial if self.levers.certificates else PUBLIC_KEY_ID
        return {
            "Wechatpay-Timestamp": stamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": signature,
            "Wechatpay-Serial": "5157F09EFDC096DE15EBE81A47057A72" if forge == "serial" else serial,
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }

    def _genuine(self, method: str, path: str, body: bytes, head: str) -> str:
        """What is wrong with a request's signature; empty where nothing is."""
        scheme, _, rest = head.partition(" ")
        given = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        if scheme != "WECHATPAY2-SHA256-RSA2048" or given.get("mchid") != MCHID:
            return "scheme"
        if given.get("serial_no") != MERCHANT_SERIAL:
            return "serial"
        if abs(time.time() + self.levers.clock_s - int(given["timestamp"])) > SKEW_S:
            return "timestamp"
        if given["nonce_str"] in self._nonces:
            return "nonce"
        self._nonces.add(given["nonce_str"])
        message = f"{method}\n{path}\n{given['timestamp']}\n{given['nonce_str']}\n".encode() + body + b"\n"
        try:
            self.merchant.public_key().verify(
                base64.b64decode(given["signature"]), message, padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            return "signature"
        return ""

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._serve(self, "GET", b"")

            def do_POST(self) -> None:
                outer._serve(self, "POST", self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def _serve(self, call: BaseHTTPRequestHandler, method: str, body: bytes) -> None:
        levers = self.levers
        path = call.path.partition("?")[0]
        with self._lock:
            self.calls.append(f"{method} {path.rpartition('/')[2] if method == 'POST' else 'query'}")
            if levers.drop_request:
                levers.drop_request -= 1
                call.close_connection = True
                return
            wrong = self._genuine(method, call.path, body, call.headers.get("Authorization", ""))
            if wrong:
                self.bad.append(wrong)
                status, answer = 401, {"code": "SIGN_ERROR", "message": wrong}
            elif levers.refuse:
                status, code = levers.refuse.pop(0)
                answer = {"code": code, "message": "told to"}
            else:
                status, answer = self._answer(method, path, json.loads(body) if body else {})
        if levers.delay_s:
            time.sleep(levers.delay_s)
        if levers.drop_answer:
            levers.drop_answer -= 1
            call.close_connection = True
            return
        raw = json.dumps(answer, ensure_ascii=False).encode() if status != 204 else b""
        call.send_response(status)
        for name, value in self._signed(raw).items():
            call.send_header(name, value)
        call.send_header("Content-Type", "application/json; charset=utf-8")
        call.send_header("Content-Length", str(len(raw)))
        call.end_headers()
        call.wfile.write(raw)

    def _answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        parts = path.split("/")
        routes: dict[str, Callable[[], tuple[int, dict[str, Any]]]] = {
            "/v3/certificates": self._certificates,
            "/v3/refund/domestic/refunds": lambda: self._refund(body),
        }
        if path in routes:
            return routes[path]()
        if path.startswith("/v3/refund/domestic/refunds/"):
            found = self.refunds.get(parts[-1])
            return (200, self._told(found)) if found else (404, {"code": "RESOURCE_NOT_EXISTS"})
        if path.startswith("/v3/pay/transactions/out-trade-no/"):
            return self._order(method, parts[5], parts[6] if len(parts) > 6 else "", body)
        return self._place(parts[-1], body)

    def _place(self, kind: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        money, order = body.get("amount", {}), str(body.get("out_trade_no", ""))
        asked = {"description", "out_trade_no", "amount", "appid", "mchid"} - body.keys()
        is_money = isinstance(money.get("total"), int) and money["total"] > 0
        told = kind == "codepay" or str(body.get("notify_url", "")).startswith("https://")
        if asked or not ORDER.fullmatch(order) or not is_money or not told:
            return 400, {"code": "PARAM_ERROR"}
        if money.get("currency") != "CNY" or (body["mchid"], body["appid"]) != (MCHID, APPID):
            return 400, {"code": "APPID_MCHID_NOT_MATCH"}
        known = self.orders.get(order)
        if known is None:
            known = self.orders[order] = {"trade_state": "NOTPAY", "asked": body, "kind": kind}
        elif known["asked"] != body:
            return 403, {"code": "OUT_TRADE_NO_USED"}
        return self._placed(kind, order, body)

    def _placed(self, kind: str, order: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if kind == "native":
            return 200, {"code_url": f"weixin://wxpay/bizpayurl?pr={order[:8]}"}
        if kind == "jsapi":
            return 200, {"prepay_id": f"wx{order}"} if body.get("payer", {}).get("openid") else {"code": "PARAM_ERROR"}
        return self._take_code(order, str(body["payer"]["auth_code"]))

    def _take_code(self, order: str, code: str) -> tuple[int, dict[str, Any]]:
        """A code that ends in 1 pays at once, one in 2 asks for a password, every other is refused."""
        if code.endswith("1"):
            self.pay(order)
            return 200, self._transaction(order)
        if code.endswith("2"):
            self.orders[order]["trade_state"] = "USERPAYING"
            return 202, {"code": "USERPAYING"}
        self.orders[order]["trade_state"] = "PAYERROR"
        return 403, {"code": "NOT_ENOUGH"}

    def _order(self, method: str, order: str, verb: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        known = self.orders.get(order)
        if known is None:
            return 404, {"code": "ORDER_NOT_EXIST"}
        if method == "GET":
            return 200, self._transaction(order)
        if body.get("mchid") != MCHID:
            return 400, {"code": "PARAM_ERROR"}
        if known["trade_state"] in ("SUCCESS", "REFUND"):
            return 400, {"code": "ORDER_PAID"}
        known["trade_state"] = "REVOKED" if verb == "reverse" else "CLOSED"
        return (200, {"out_trade_no": order, "result": "SUCCESS"}) if verb == "reverse" else (204, {})

    def _transaction(self, order: str) -> dict[str, Any]:
        known = self.orders[order]
        money = known["asked"]["amount"]
        told = {name: value for name, value in known.items() if name not in ("asked", "kind")}
        amount = {"total": money["total"] + self.levers.amount, "currency": money["currency"]}
        return {"appid": APPID, "mchid": self.levers.mchid, "out_trade_no": order, "amount": amount, **told}

    def _refund(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        money, name = body["amount"], body["out_refund_no"]
        order = self.orders.get(str(body.get("out_trade_no")))
        if order is None or order["trade_state"] not in ("SUCCESS", "REFUND"):
            return 404, {"code": "RESOURCE_NOT_EXISTS"}
        known = self.refunds.get(name)
        if known is not None:
            return (200, self._told(known)) if known["asked"] == body else (400, {"code": "INVALID_REQUEST"})
        gone = sum(
            each["amount"]["refund"] for each in self.refunds.values() if each["out_trade_no"] == body["out_trade_no"]
        )
        if money["total"] != order["asked"]["amount"]["total"] or gone + money["refund"] > money["total"]:
            return 403, {"code": "NOT_ENOUGH"}
        order["trade_state"] = "REFUND"
        self.refunds[name] = {
            "out_refund_no": name,
            "out_trade_no": body["out_trade_no"],
            "refund_id": f"50000{secrets.randbelow(10**20):020}",
            "amount": money,
            "asked": body,
            "status": self.levers.refund,
        }
        return 200, self._told(self.refunds[name])

    def _told(self, refund: dict[str, Any]) -> dict[str, Any]:
        if refund["status"] == "PROCESSING":
            refund["status"] = self.levers.refund
        return {name: value for name, value in refund.items() if name != "asked"}

    def _certificates(self) -> tuple[int, dict[str, Any]]:
        pem = self.certificate.public_bytes(serialization.Encoding.PEM)
        nonce = secrets.token_hex(6)
        sealed = AESGCM(API_KEY.encode()).encrypt(nonce.encode(), pem, b"certificate")
        return 200, {
            "data": [
                {
                    "serial_no": self.serial,
                    "effective_time": "2026-01-01T00:00:00+08:00",
                    "expire_time": "2031-01-01T00:00:00+08:00",
                    "encrypt_certificate": {
                        "algorithm": "AEAD_AES_256_GCM",
                        "nonce": nonce,
                        "associated_data": "certificate",
                        "ciphertext": base64.b64encode(sealed).decode(),
                    },
                }
            ]
        }
