"""A visitor without a browser, who speaks Streamlit's websocket protocol and can send anything a browser could.

>>> with Visitor("http://127.0.0.1:8501") as visitor:       # doctest: +SKIP
...     visitor.open("train")
...     visitor.press("train_start")
...     print(visitor.texts())
"""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

SECONDS = 60.0
"""How long a visitor waits for an answer."""


class Visitor:
    """One visitor. Every call that sends something returns when the server has answered."""

    def __init__(self, address: str, **headers: str) -> None:
        """address: of the server, http://..., with its base path. headers: of the request, with _ for -."""
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self._address = address.replace("http", "ws", 1).rstrip("/") + "/_stcore/stream"
        self._page = self.session = ""
        self._closing = ExitStack()
        self.elements: dict[tuple[int, ...], Element] = {}

    def __enter__(self) -> Self:
        connection = connect(
            self._address,
            subprotocols=[Subprotocol("streamlit")],
            additional_headers=self._headers,
            max_size=None,
            compression=None,
        )
        self._socket: ClientConnection = self._closing.enter_context(connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def open(self, page: str = "", query: str = "") -> None:
        """Open a page by its address below the root."""
        message = BackMsg()
        message.rerun_script.query_string, message.rerun_script.page_name = query, page
        self.elements.clear()
        self._ask(message)

    def press(self, key: str) -> None:
        """Press the button with that key."""
        self._ask(self._rerun(self.id_of(key), trigger_value=True))

    def fill_in(self, texts: dict[str, str], button: str) -> None:
        """Write these texts into the fields with these keys, and press the button with that key, in one message."""
        message = self._rerun(self.id_of(button), trigger_value=True)
        for key, text in texts.items():
            message.rerun_script.widget_states.widgets.add(id=self.id_of(key), string_value=text)
        self._ask(message)

    def report(self, key: str, json: str) -> None:
        """Send this text as the state of the component with that key."""
        self._ask(self._rerun(self.id_of(key), json_value=json))

    def send(self, widget: str, **value: object) -> None:
        """Send a widget's state by the widget's id, also of one that is not on the page."""
        self._ask(self._rerun(widget, **value))

    def id_of(self, key: str) -> str:
        """The id of the widget with that key."""
        return next(widget for widget in map(_id, self.elements.values()) if widget.endswith(f"-{key}"))

    def has(self, key: str) -> bool:
        """Whether a widget with that key is on the page."""
        return any(widget.endswith(f"-{key}") for widget in map(_id, self.elements.values()))

    def alerts(self) -> list[str]:
        """The texts of errors and warnings on the page, in Markdown."""
        return [element.alert.body for element in self.elements.values() if element.WhichOneof("type") == "alert"]

    def exceptions(self) -> list[str]:
        """The exceptions that the page shows, which must not be."""
        return [
            f"{element.exception.type}: {element.exception.message}"
            for element in self.elements.values()
            if element.WhichOneof("type") == "exception"
        ]

    def texts(self) -> str:
        """All elements of the page as text, for searches."""
        return "\n".join(map(str, self.elements.values()))

    def _rerun(self, widget: str, **value: object) -> BackMsg:
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        message.rerun_script.widget_states.widgets.add(id=widget, **value)
        return message

    def _ask(self, message: BackMsg) -> None:
        self._socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            data = self._socket.recv(timeout=SECONDS)
            answer.ParseFromString(data if isinstance(data, bytes) else data.encode())
            match answer.WhichOneof("type"):
                case "new_session":
                    self._page = answer.new_session.page_script_hash or self._page
                    self.session = answer.new_session.initialize.session_id or self.session
                    self.elements.clear()
                case "delta" if answer.delta.WhichOneof("type") == "new_element":
                    self.elements[tuple(answer.metadata.delta_path)] = answer.delta.new_element
                case "script_finished" if answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return


def _id(element: Element) -> str:
    kind = element.WhichOneof("type")
    return str(getattr(getattr(element, kind), "id", "")) if kind else ""
