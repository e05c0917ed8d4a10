/**
 * A camera for pages that embed it as an iframe: `stream.html?src=NAME`, or several, `?src=NAME&src=OTHER`. The page plays
 * over go2rtc's single-stream messages, and connects again by itself. `media=audio` brings the sound as well, and the browser's controls.
 * Other parameters of go2rtc's own page (`mode`, …) are accepted and change nothing.
 *
 * The page tells the page around it how it goes, in the words of the multistream fork of go2rtc, whose hosts hide their
 * spinners by them: `STREAM_UI_LOADED:a,b`, `{"VIDEO_MODE":"loading"}`, `STARTING_VIDEO:a,b`, `{"VIDEO_MODE":"RTC"}`,
 * `{"VIDEO_ERROR":"…"}`, `PLAYBACK_NOT_STARTED:a,b` and `PLAYBACK_HUNG:a,b`.
 */

/**
 * Milliseconds before the next attempt. A device that played a moment ago may be back at any moment: an attempt waits for a
 * fifth of the time that it has been gone. A wall of pages whose device comes back does not come back in one instant.
 */
function waitFor(failures, gone) {
  return Math.min(300 * failures ** 2, 7000, Math.max(200, gone / 5)) * (1 + Math.random() / 2);
}
/** From the socket's opening to the first picture, in milliseconds, before a connection counts as failed. */
const patience = 15_000;
/** From the page's start to the word that nothing plays, in milliseconds. */
const startTime = 15_000;
/** How often a picture is looked at, whether it moves, in milliseconds. */
const lookInterval = 10_000;

const names = new URLSearchParams(location.search).getAll('src');
const hears = (new URLSearchParams(location.search).get('media') ?? '').split(',').includes('audio');
const sources = names.length === 0 ? [''] : names;
const empty = document.querySelector('figure').cloneNode(true);

document.title = names.join(', ');
if (sources.length > 1) {
  document.body.style.setProperty('--columns', Math.ceil(Math.sqrt(sources.length)));
}
tell(`STREAM_UI_LOADED:${names.join(',')}`);
for (const source of sources.slice(1)) {
  show(source, document.body.appendChild(empty.cloneNode(true)));
}
show(sources[0], document.querySelector('figure'));

/** Any page may be around this one; it knows the names, which it wrote into the address. */
function tell(message) {
  if (parent !== window) {
    parent.postMessage(message, '*');
  }
}

/** Tells when the video does not start, and when it stands still. */
function watch(video) {
  let frames = 0;
  const notStarted = setTimeout(() => tell(`PLAYBACK_NOT_STARTED:${names.join(',')}`), startTime);
  const look = () => {
    const { totalVideoFrames } = video.getVideoPlaybackQuality();
    // A browser shows no frames of a page that is out of sight.
    if (totalVideoFrames === frames && !video.paused && !document.hidden) {
      tell(`PLAYBACK_HUNG:${names.join(',')}`);
    }
    frames = totalVideoFrames;
  };
  video.addEventListener(
    'playing',
    () => {
      clearTimeout(notStarted);
      setInterval(look, lookInterval);
    },
    { once: true },
  );
}

/** With the rest of the query: an access token stands in it too. */
function api(name, source) {
  const url = new URL(`api/${name}${location.search}`, location.href);
  url.searchParams.set('src', source);
  return url;
}

function show(source, figure) {
  const video = figure.querySelector('video');
  const message = figure.querySelector('p');
  let failures = 0;
  let plays = false;
  let lostAt = -Infinity;
  video.setAttribute('aria-label', source);
  video.controls = hears;
  // Of several streams none is heard before it is asked for.
  video.muted = !hears || sources.length > 1;
  watch(video);
  connect();

  function connect() {
    tell(JSON.stringify({ VIDEO_MODE: 'loading' }));
    const address = api('ws', source);
    address.protocol = address.protocol.replace('http', 'ws');
    const socket = new WebSocket(address);
    const peer = new RTCPeerConnection();
    // Asked for while the WebSocket opens; a device that cannot be asked cannot be watched either, and the socket says why.
    const iceServers = fetch(api('ice-servers', source)).then(
      (answer) => (answer.ok ? answer.json() : []),
      () => [],
    );
    const impatience = setTimeout(() => fail('no picture'), patience);
    let failed = false;

    socket.onopen = async () => {
      peer.setConfiguration({ iceServers: await iceServers });
      peer.addTransceiver('video', { direction: 'recvonly' });
      if (hears) {
        peer.addTransceiver('audio', { direction: 'recvonly' });
      }
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
      if (track.kind === 'audio') {
        return;
      }
      video.onloadeddata = () => {
        tell(`STARTING_VIDEO:${names.join(',')}`);
        tell(JSON.stringify({ VIDEO_MODE: 'RTC' }));
      };
      // In a stream of its own: the picture on show stays until this one has its first frame.
      video.srcObject = new MediaStream(peer.getReceivers().map(({ track }) => track));
      video.requestVideoFrameCallback(() => {
        clearTimeout(impatience);
        failures = 0;
        plays = true;
        message.textContent = '';
      });
      // Autoplay may be refused where the page is hidden; it plays once it is shown. With sound it is refused before a click.
      video.play().catch(({ name }) => {
        video.muted ||= name === 'NotAllowedError';
        video.play().catch(() => {});
      });
    };

    async function follow({ type, value }) {
      if (type === 'webrtc/answer') {
        await peer.setRemoteDescription({ type: 'answer', sdp: value });
      } else if (type === 'webrtc/candidate') {
        await peer.addIceCandidate({ candidate: value, sdpMLineIndex: 0 });
      } else if (type === 'error') {
        tell(JSON.stringify({ VIDEO_ERROR: value }));
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
      if (plays) {
        plays = false;
        lostAt = performance.now();
      }
      setTimeout(connect, waitFor(failures, performance.now() - lostAt));
      failures += 1;
      // One lost connection is not worth a word: the next is usually there before it could be read.
      if (failures > 1) {
        message.textContent = source === '' ? 'no stream in the address: stream.html?src=NAME' : `${source}: ${reason}`;
      }
    }
  }
}
