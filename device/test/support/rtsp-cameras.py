"""Serves test pictures as RTSP cameras on the loopback interface, all in one process.

Reads one line of JSON from stdin, then prints {"port": N} and serves until stdin closes, so it never outlives its
parent:

    {"port": 0, "cameras": [{"name": "red", "color": [200, 0, 0], "width": 640, "height": 360,
                             "rate": 25, "gop": 50, "bitrate": 1000, "codec": "H264"}]}

`port` 0 takes a free one; `gop` counts frames; `bitrate` is in kbit/s; `codec` may be H265. A camera is at
rtsp://127.0.0.1:PORT/NAME. Each further line gives a camera another size, from its next frame on:

    {"name": "red", "width": 1280, "height": 720}

The picture is one solid colour, which takes a small part of the bitrate. With `"detail": true` it is grained, and the
grain of its lowest quarter is another one in each frame: key frames are large, and the bitrate is used, as by a camera
outdoors. The mean colour stays what it is.

In the picture stands the frame's number, floor(unix time in seconds * rate) modulo 65536: a row of
16 squares along the top edge, white for 1 and black for 0, the least significant bit on the left. A square's side is a
twentieth of the width, and one side's width of background lies left of the row:

    0   s   2s  3s         17s      width
    |   |b0 |b1 | ... |b15 |        |

`test/support/picture.ts` reads it, at any scale.

With `"sound": "OPUS"`, `"PCMA"`, `"PCMU"`, `"G722"`, `"AAC"`, `"L16"`, `"G726"` or `"MP2"` the camera beeps for the first tenth of each
second (unix time), at `"tone"` Hz, a multiple of 100, 1000 by default; and its picture is white below the squares in the
same tenth. With `"beeps": 2` it does so in the first tenth of a second of each half, and with 10 without a pause.
"""

import array
import json
import math
import random
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

BLACK = b"\x10"
WHITE = b"\xeb"
BITS = 16
GRAIN = 24


def round_up(value, step):
    return -(-value // step) * step


def limited_range_yuv(red, green, blue):
    """BT.601, limited range; the arguments are 0 to 255."""
    y = 16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255
    u = 128 + (-37.797 * red - 74.203 * green + 112.0 * blue) / 255
    v = 128 + (112.0 * red - 93.786 * green - 18.214 * blue) / 255
    return round(y), round(u), round(v)


def grain(size, values):
    """`size` pixels, each of one of the 256 values."""
    return random.randbytes(size).translate(values)


def y_grain(luma, amplitude):
    """What the 256 random bytes stand for: evenly around the luma, as far from it as the amplitude."""
    return bytes(max(16, min(235, luma + round((byte / 255 * 2 - 1) * amplitude))) for byte in range(256))


class Picture:
    """I420 frames. Only the rows with the squares differ between two frames; the rest is kept in one buffer."""

    def __init__(self, width, height, color, detail):
        if width % 20 or height % 2:
            raise ValueError("the width must be a multiple of 20 and the height even")
        self.side = width // 20
        luma, u, v = limited_range_yuv(*color)
        chroma_size = round_up(width // 2, 4) * (height // 2)
        # The squares are grey: their chroma is neutral on the rows and columns they cover.
        self.luma = bytes([luma])
        self.width = width
        moving = height // 4 if detail else 0
        still = width * (height - self.side - moving)
        self.still = Gst.Buffer.new_wrapped(grain(still, y_grain(luma, 8)) if detail else self.luma * still)
        self.moving_size = width * moving
        # A frame shows another part of it: as good as new grain, and far cheaper.
        self.grain = grain(2 * self.moving_size, y_grain(luma, GRAIN))
        self.colors = Gst.Buffer.new_wrapped(
            self.chroma(u, width, height, chroma_size) + self.chroma(v, width, height, chroma_size)
        )

    def chroma(self, value, width, height, size):
        stride = size // (height // 2)
        first, last = self.side // 2, (1 + BITS) * self.side // 2
        row = bytes([value])
        squares = row * first + b"\x80" * (last - first) + row * (stride - last)
        return (squares * ((self.side + 1) // 2) + row * size)[:size]

    def frame(self, number, flashes=False):
        squares = b"".join((WHITE if number >> bit & 1 else BLACK) * self.side for bit in range(BITS))
        row = self.luma * self.side + squares
        row += self.luma * (self.width - len(row))
        buffer = Gst.Buffer.new_wrapped(row * self.side)
        buffer.copy_into(self.still, Gst.BufferCopyFlags.MEMORY, 0, self.still.get_size())
        if self.moving_size > 0:
            first = random.randrange(self.moving_size)
            moving = Gst.Buffer.new_wrapped(self.grain[first : first + self.moving_size])
            buffer.copy_into(moving, Gst.BufferCopyFlags.MEMORY, 0, self.moving_size)
        buffer.copy_into(self.colors, Gst.BufferCopyFlags.MEMORY, 0, self.colors.get_size())
        if flashes:
            top = self.width * self.side
            white = WHITE * (self.still.get_size() + self.moving_size) + b"\x80" * self.colors.get_size()
            buffer = Gst.Buffer.new_wrapped(buffer.extract_dup(0, top) + white)
        return buffer


class Sound:
    """Chunks of 10 ms: a tone in the first ten of each period, and silence."""

    PER_SECOND = 100

    def __init__(self, codec, tone, beeps):
        self.period = self.PER_SECOND // beeps
        self.rate, self.chain = SOUNDS[codec]
        samples = range(self.rate // self.PER_SECOND)
        wave = (round(12000 * math.sin(2 * math.pi * tone * index / self.rate)) for index in samples)
        self.tone = array.array("h", wave).tobytes()
        self.silence = bytes(len(self.tone))

    def launch(self):
        return (
            " appsrc name=sound is-live=true format=time"
            f" caps=audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate={self.rate} ! {self.chain} name=pay1 pt=97"
        )

    def play(self, source, playing):
        state = {"next": None, "first": 0, "pts": 0}

        def on_time():
            if not playing.is_set():
                return GLib.SOURCE_REMOVE
            clock = source.get_clock()
            if clock is not None and source.get_base_time() > 0:
                now = time.time()
                number = int(now * self.PER_SECOND)
                if state["next"] is None:
                    state["next"] = state["first"] = number
                    lateness = int((now - number / self.PER_SECOND) * Gst.SECOND)
                    state["pts"] = max(0, clock.get_time() - source.get_base_time() - lateness)
                # A chunk is there when it is over.
                for index in range(state["next"], number):
                    self.push(source, index, state["pts"] + (index - state["first"]) * Gst.SECOND // self.PER_SECOND)
                state["next"] = max(state["next"], number)
            return GLib.SOURCE_CONTINUE

        GLib.timeout_add(3, on_time)

    def push(self, source, index, pts):
        buffer = Gst.Buffer.new_wrapped(self.tone if index % self.period < 10 else self.silence)
        buffer.pts = pts
        buffer.duration = Gst.SECOND // self.PER_SECOND
        source.emit("push-buffer", buffer)


SOUNDS = {
    "OPUS": (48000, "opusenc frame-size=10 ! rtpopuspay"),
    "PCMA": (8000, "alawenc ! rtppcmapay max-ptime=10000000"),
    "PCMU": (8000, "mulawenc ! rtppcmupay max-ptime=10000000"),
    "G722": (16000, "avenc_g722 ! rtpg722pay"),
    "AAC": (16000, "audioconvert ! voaacenc bitrate=64000 ! aacparse ! rtpmp4gpay"),
    "L16": (16000, "audioconvert ! audio/x-raw,format=S16BE ! rtpL16pay"),
    "G726": (8000, "avenc_g726 bitrate=32000 ! rtpg726pay"),
    "MP2": (48000, "twolamemp2enc bitrate=64 ! mpegaudioparse ! rtpmpapay"),
}


class Camera:
    """One mount. Its clients share one pipeline, so all see the same frames."""

    def __init__(self, name, color, width, height, rate=25, gop=50, bitrate=1000, detail=False, codec="H264", sound=None, tone=1000, beeps=1):
        self.beeps = beeps
        self.sound = Sound(sound, tone, beeps) if sound else None
        self.color = color
        self.detail = detail
        self.picture = Picture(width, height, color, detail)
        self.size = (width, height)
        self.rate = rate
        self.name = name
        self.factory = GstRtspServer.RTSPMediaFactory()
        self.factory.set_shared(True)
        self.factory.set_launch(
            "( appsrc name=source is-live=true format=time max-buffers=2 leaky-type=downstream"
            f" caps={self.caps()} ! {encoder(codec, gop, bitrate)}"
            f"{self.sound.launch() if self.sound else ''} )"
        )
        self.factory.connect("media-configure", self.on_media)

    def caps(self):
        width, height = self.size
        return f"video/x-raw,format=I420,width={width},height={height},framerate={self.rate}/1,colorimetry=bt601"

    def resize(self, width, height):
        self.picture = Picture(width, height, self.color, self.detail)
        self.size = (width, height)

    def on_media(self, _factory, media):
        source = media.get_element().get_by_name("source")
        playing = threading.Event()
        playing.set()
        media.connect("unprepared", lambda _media: playing.clear())
        self.schedule(source, playing)
        if self.sound:
            self.sound.play(media.get_element().get_by_name("sound"), playing)

    def schedule(self, source, playing):
        now = time.time()
        wait = (int(now * self.rate) + 1) / self.rate - now
        GLib.timeout_add(int(wait * 1000) + 1, self.on_frame_time, source, playing)

    def on_frame_time(self, source, playing):
        if playing.is_set():
            self.push(source)
            self.schedule(source, playing)
        return GLib.SOURCE_REMOVE

    def push(self, source):
        clock = source.get_clock()
        # An element gets its clock a moment before its base time: what was stamped in between would be shown in an hour.
        if clock is None or source.get_base_time() == 0:
            return
        now = time.time()
        number = int(now * self.rate)
        caps = Gst.Caps.from_string(self.caps())
        if not caps.is_equal(source.get_property("caps")):
            source.set_property("caps", caps)
        flashes = self.sound is not None and number / self.rate % (1 / self.beeps) < 0.1
        buffer = self.picture.frame(number % (1 << BITS), flashes)
        # The moment the frame stands for, not the one at which the timer fired: a camera's timestamps do not jitter.
        lateness = int((now - number / self.rate) * Gst.SECOND)
        buffer.pts = max(0, clock.get_time() - source.get_base_time() - lateness)
        buffer.duration = Gst.SECOND // self.rate
        source.emit("push-buffer", buffer)


def encoder(codec, gop, bitrate):
    # One encoder thread, since frame threads hold frames back.
    common = f"tune=zerolatency speed-preset=ultrafast key-int-max={gop} bitrate={bitrate}"
    if codec == "H265":
        options = "bframes=0:scenecut=0:pools=1:frame-threads=1:log-level=none"
        return f"x265enc {common} option-string={options} ! h265parse config-interval=-1 ! rtph265pay name=pay0 pt=96"
    return (
        f"x264enc {common} threads=1 bframes=0 option-string=scenecut=0"
        " ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96"
    )


def main():
    request = json.loads(sys.stdin.readline())
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(request.get("port", 0)))
    cameras = {settings["name"]: Camera(**settings) for settings in request["cameras"]}
    for camera in cameras.values():
        server.get_mount_points().add_factory(f"/{camera.name}", camera.factory)
    loop = GLib.MainLoop()
    if server.attach(None) == 0:
        sys.exit(f"cannot listen on port {request.get('port', 0)}")

    def resize(name, width, height):
        cameras[name].resize(width, height)
        return GLib.SOURCE_REMOVE

    def wait_for_parent():
        for line in sys.stdin:
            change = json.loads(line)
            GLib.idle_add(resize, change["name"], change["width"], change["height"])
        GLib.idle_add(loop.quit)

    threading.Thread(target=wait_for_parent, daemon=True).start()
    print(json.dumps({"port": server.get_bound_port()}), flush=True)
    loop.run()


main()
