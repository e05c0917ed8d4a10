"""Serves one picture source over RTSP on the loopback interface, as cameras of other makers do: any encoder and
payloader, with a password, over TLS, over UDP.

Reads one line of JSON from stdin, then prints {"port": N} and serves until stdin closes:

    {"pipeline": "x264enc ! rtph264pay name=pay0", "user": "u", "password": "p", "certificate": "PEM of both"}

`pipeline` is GStreamer's description of what comes after raw video of 320x180 pixels and 25 frames a second, its number
of the frame in it; a second track is `pay1`. `user` and `password` are asked for by digest; `certificate` holds the key too.
With `"refuses": 1` the camera refuses to set up its second track.
"""

import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

ROLE = "viewer"


def main():
    request = json.loads(sys.stdin.readline())
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_shared(True)
    factory.set_launch(
        "( videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! "
        + request["pipeline"]
        + " )"
    )
    if "user" in request or "certificate" in request:
        auth = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", ROLE)
        if "user" in request:
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest(request["user"], request["password"], token)
        else:
            auth.set_default_token(token)
        if "certificate" in request:
            auth.set_tls_certificate(Gio.TlsCertificate.new_from_pem(request["certificate"], -1))
        server.set_auth(auth)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role(ROLE, "media.factory.access", True)
        permissions.add_permission_for_role(ROLE, "media.factory.construct", True)
        factory.set_permissions(permissions)
    if "refuses" in request:
        track = f"/stream={request['refuses']}"

        def judge(_client, context):
            refused = GstRtsp.RTSPStatusCode.METHOD_NOT_VALID_IN_THIS_STATE
            return refused if context.uri.abspath.endswith(track) else GstRtsp.RTSPStatusCode.OK

        server.connect("client-connected", lambda _server, client: client.connect("pre-setup-request", judge))
    server.get_mount_points().add_factory("/camera", factory)
    loop = GLib.MainLoop()
    if server.attach(None) == 0:
        sys.exit("cannot listen")

    def wait_for_parent():
        sys.stdin.read()
        GLib.idle_add(loop.quit)

    threading.Thread(target=wait_for_parent, daemon=True).start()
    print(json.dumps({"port": server.get_bound_port()}), flush=True)
    loop.run()


main()
