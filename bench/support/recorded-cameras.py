"""Serves one recording as many RTSP cameras on the loopback interface, all in one process.

Each client of each camera gets the recording from its beginning, which is a key frame, in real time and as it is: no
encoder runs, so that a hundred cameras leave the machine to what is measured.

Reads one line of JSON from stdin, then prints {"port": N} and serves until stdin closes:

    {"cameras": 100, "seconds": 90, "width": 640, "height": 360, "rate": 25, "gop": 50, "bitrate": 400}

Camera number N, from 1 on, is at rtsp://127.0.0.1:PORT/cameraN.
"""

import json
import os
import sys
import tempfile
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402


def record(path, seconds, width, height, rate, gop, bitrate):
    """Noise in the picture, so that the bitrate is used."""
    pipeline = Gst.parse_launch(
        f"videotestsrc pattern=ball num-buffers={seconds * rate}"
        f" ! video/x-raw,format=I420,width={width},height={height},framerate={rate}/1"
        f" ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={gop} bitrate={bitrate} bframes=0"
        " option-string=scenecut=0:force-cfr=1:nal-hrd=cbr"
        f" ! h264parse config-interval=-1 ! matroskamux ! filesink location={path}"
    )
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(Gst.CLOCK_TIME_NONE, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    if message.type == Gst.MessageType.ERROR:
        sys.exit(str(message.parse_error()))


def main():
    request = json.loads(sys.stdin.readline())
    cameras = request.pop("cameras")
    Gst.init(None)
    with tempfile.TemporaryDirectory(prefix="multistream-bench-") as folder:
        path = os.path.join(folder, "recording.mkv")
        record(path, **request)
        server = GstRtspServer.RTSPServer()
        server.set_address("127.0.0.1")
        server.set_service("0")
        # Clients that come at once wait in line; the default is five.
        server.set_backlog(200)
        for number in range(1, cameras + 1):
            factory = GstRtspServer.RTSPMediaFactory()
            factory.set_launch(
                f"( filesrc location={path} ! matroskademux ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )"
            )
            server.get_mount_points().add_factory(f"/camera{number}", factory)
        if server.attach(None) == 0:
            sys.exit("cannot listen")
        loop = GLib.MainLoop()

        def wait_for_parent():
            sys.stdin.read()
            GLib.idle_add(loop.quit)

        threading.Thread(target=wait_for_parent, daemon=True).start()
        print(json.dumps({"port": server.get_bound_port()}), flush=True)
        loop.run()


main()
