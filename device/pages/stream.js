/**
 * One camera, for pages that embed it as an iframe: `stream.html?src=NAME`. Plays over go2rtc's single-stream messages,
 * and connects again by itself. What go2rtc's own page takes besides (`mode`, `media`, …) is accepted and changes nothing.
 */

/** Milliseconds before each attempt after a failure; the last one repeats. */
const waits = [0, 300, 1200, 2700, 4800, 7000];
/** From the socket's opening to the first picture, in milliseconds, before a connection counts as failed. */
const patience = 15_000;

const { search } = location;
const source = new URLSearchParams(search).get('src') ?? '';
const video = document.querySelector('video');
const message = document.querySelector('p');

document.title = source;
video.setAttribute('aria-label', source);
let failures = 0;
connect();

/** With the whole query: an access token stands in it too. */
function api(name) {
  return new URL(`api/${name}${search}`, location.href);
}

function connect() {
  const address = api('ws');
  address.protocol = address.protocol.replace('http', 'ws');
  const socket = new WebSocket(address);
  const peer = new RTCPeerConnection();
  // Asked for while the WebSocket opens; a device that cannot be asked cannot be watched either, and the socket says why.
  const iceServers = fetch(api('ice-servers')).then(
    (answer) => (answer.ok ? answer.json() : []),
    () => [],
  );
  const impatience = setTimeout(() => fail('no picture'), patience);
  let failed = false;

  socket.onopen = async () => {
    peer.setConfiguration({ iceServers: await iceServers });
    peer.addTransceiver('video', { direction: 'recvonly' });
    await peer.setLocalDescription();
    send('webrtc/offer', peer.localDescription.sdp);
  };
  socket.onmessage = ({ data }) => follow(JSON.parse(data)).catch(({ message }) => fail(message));
  socket.onclose = () => fail('the device is not reachable');
  peer.onicecandidate = ({ candidate }) => send('webrtc/candidate', candidate?.candidate ?? '');
  peer.onconnectionstatechange = () => {
    if (peer.connectionState === 'failed') {
      fail('the media connection failed');
    }
  };
  peer.ontrack = ({ track }) => {
    // In a stream of its own: the picture on show stays until this one has its first frame.
    video.srcObject = new MediaStream([track]);
    video.requestVideoFrameCallback(() => {
      clearTimeout(impatience);
      failures = 0;
      message.textContent = '';
    });
    // Autoplay may be refused where the page is hidden; it plays once it is shown.
    video.play().catch(() => {});
  };

  async function follow({ type, value }) {
    if (type === 'webrtc/answer') {
      await peer.setRemoteDescription({ type: 'answer', sdp: value });
    } else if (type === 'webrtc/candidate') {
      await peer.addIceCandidate({ candidate: value, sdpMLineIndex: 0 });
    } else if (type === 'error') {
      fail(value.replace(/^webrtc\/\w+: /, ''));
    }
  }

  function send(type, value) {
    if (socket.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ type, value }));
    }
  }

  function fail(reason) {
    if (failed) {
      return;
    }
    failed = true;
    clearTimeout(impatience);
    socket.close();
    peer.close();
    const wait = waits[Math.min(failures, waits.length - 1)];
    failures += 1;
    // One lost connection is not worth a word: the next is usually there before it could be read.
    if (failures > 1) {
      message.textContent = source === '' ? 'no stream in the address: stream.html?src=NAME' : `${source}: ${reason}`;
    }
    // A wall of pages whose device comes back does not come back in one instant.
    setTimeout(connect, wait * (0.75 + Math.random() / 2));
  }
}
