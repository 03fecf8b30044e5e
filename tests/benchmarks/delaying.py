"""A link with a delay: passes bytes on to a port of loopback, each way so many seconds later."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PIECE = 1 << 16


class _Link:
    def __init__(self, port: int, delay: float) -> None:
        self.to, self.delay = port, delay
        self.loop = asyncio.new_event_loop()
        self.port = 0
        self.ready = threading.Event()

    def run(self) -> None:
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(
            asyncio.start_server(self._accept, "127.0.0.1", 0, limit=PIECE)
        )
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, onward = await asyncio.open_connection("127.0.0.1", self.to, limit=PIECE)
        await asyncio.gather(self._pass(reader, onward), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Each piece leaves when it has been on its way for long enough, in the order in which it came."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def leave() -> None:
            while True:
                due, piece = await under_way.get()
                await asyncio.sleep(max(due - self.loop.time(), 0))
                if not piece:
                    break
                writer.write(piece)
                await writer.drain()
            writer.close()

        leaving = asyncio.ensure_future(leave())
        try:
            while piece := await reader.read(PIECE):
                under_way.put_nowait((self.loop.time() + self.delay, piece))
        except ConnectionError:
            pass
        under_way.put_nowait((self.loop.time() + self.delay, b""))
        await asyncio.gather(leaving, return_exceptions=True)


@contextmanager
def delayed(port: int, delay: float) -> Iterator[int]:
    """The port of a link to `port`; a round trip takes twice the delay."""
    link = _Link(port, delay)
    thread = threading.Thread(target=link.run, name="link")
    thread.start()
    link.ready.wait(10)
    try:
        yield link.port
    finally:
        link.loop.call_soon_threadsafe(link.loop.stop)
        thread.join()
