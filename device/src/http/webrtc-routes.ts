import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import * as v from 'valibot';
import type { ErrorMessage, IceServer } from '../../../src/protocol/messages.ts';
import type { TokenBucket } from '../token-bucket.ts';
import type { Viewer } from './access.ts';
import { Admission, type Admissions } from './admissions.ts';
import { type Conversation, newMessageBudget, type StartConversation } from './connection.ts';
import { addressOf } from './gate.ts';

/** Bytes of a request's body at the most; an offer of one stream has about 6 kB. */
const longestBody = 64 * 1024;
/** How long an answer waits for the device's own candidates, in milliseconds; a STUN server may never answer. */
const gatheringMs = 1000;

export interface WebRtcRoutesOptions {
  admissions: Admissions;
  startConversation: StartConversation;
  iceServers(): readonly IceServer[];
}

/** A viewer that negotiated over HTTP. */
interface HttpViewer {
  readonly conversation: Conversation;
  /** Only requests with the same rights reach it. */
  readonly rights: string;
  /** ICE user name of its offer. A PATCH with another one asks for an ICE restart. */
  readonly iceUser: string | undefined;
  readonly budget: TokenBucket;
  end(): void;
}

/**
 * `/api/webrtc?src=NAME`: one stream, negotiated by a single request. It takes what go2rtc's clients send (JSON, a form, plain
 * SDP) and WHEP, which is WHIP (RFC 9725) for viewers: POST answers with a `Location`, on which PATCH adds candidates and
 * DELETE ends the session.
 */
export async function serveWebRtc(
  app: FastifyInstance,
  { admissions, startConversation, iceServers }: WebRtcRoutesOptions,
): Promise<void> {
  const viewers = new Map<string, HttpViewer>();

  const find = (request: FastifyRequest): HttpViewer | undefined => {
    const viewer = viewers.get(parameter(request, 'id') ?? '');
    return viewer?.rights === request.viewer.rights ? viewer : undefined;
  };

  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: longestBody }, (_, body, done) => done(null, body));

    scope.post('/api/webrtc', async (request, reply) => {
      const source = parameter(request, 'src');
      if (source === null) {
        return reply.code(400).send({ error: 'src names a stream' });
      }
      const form = forms[mediaType(request)] ?? plain;
      const offer = form.read(String(request.body ?? ''));
      if (offer === null) {
        return reply.code(400).send({ error: 'the body holds no offer' });
      }
      const admission = admissions.enter(request);
      if (!(admission instanceof Admission)) {
        return reply.code(503).header('Retry-After', '5').send({ error: admission.reason });
      }
      const id = randomUUID();
      let isOver = false;
      try {
        const { sdp, ...viewer } = await negotiate(source, offer, request.viewer, admission, startConversation, () => {
          isOver = true;
          viewers.delete(id);
        });
        if (!isOver) {
          viewers.set(id, viewer);
        }
        describeSession(reply, id, addressOf(request.raw).searchParams.get('token'), iceServers());
        return form.reply(reply, sdp);
      } catch (error) {
        admission.leave();
        if (!(error instanceof RefusedOffer)) {
          throw error;
        }
        return reply.code(statuses[error.code ?? ''] ?? 400).send({ error: error.message });
      }
    });

    scope.patch('/api/webrtc', async (request, reply) => {
      const viewer = find(request);
      if (viewer === undefined) {
        return reply.code(404).send({ error: 'there is no such session' });
      }
      if (mediaType(request) !== 'application/trickle-ice-sdpfrag') {
        return reply.code(415).send({ error: 'a PATCH has the type application/trickle-ice-sdpfrag' });
      }
      const { 'if-match': match } = request.headers;
      if (match !== undefined && match !== '*' && match !== `"${parameter(request, 'id')}"`) {
        return reply.code(412).send({ error: 'the session has another ETag' });
      }
      const fragment = String(request.body ?? '');
      const user = iceUserOf(fragment);
      if (user !== undefined && user !== viewer.iceUser) {
        return reply
          .code(422)
          .send({ error: 'this device takes candidates, and no ICE restarts; begin a new session' });
      }
      for (const [, candidate = ''] of fragment.matchAll(/^a=(candidate:[^\r\n]{1,2000})/gm)) {
        if (!viewer.budget.take()) {
          return reply.code(429).header('Retry-After', '1').send({ error: 'too many candidates: 50 a second at most' });
        }
        viewer.conversation.receive({ type: 'webrtc/candidate', value: candidate });
      }
      return reply.code(204).send();
    });

    scope.delete('/api/webrtc', async (request, reply) => {
      const viewer = find(request);
      if (viewer === undefined) {
        return reply.code(404).send({ error: 'there is no such session' });
      }
      viewer.end();
      return reply.code(200).send();
    });
  });
}

/** The HTTP statuses of refusals that are not the offer's fault, by their code. */
const statuses: Record<string, number> = { 'stream-not-found': 404, unauthorized: 401 };

/** An offer that got no answer. */
class RefusedOffer extends Error {
  override readonly name = 'RefusedOffer';
  readonly code: ErrorMessage['code'];

  constructor({ value, code }: ErrorMessage) {
    super(value.replace(/^webrtc\/offer: /, ''));
    this.code = code;
  }
}

/**
 * @param ended is called once, when nothing of the session goes on
 * @returns the answer, with all of the device's candidates in it
 * @throws {RefusedOffer}
 */
async function negotiate(
  source: string,
  offer: string,
  { maySee, rights }: Viewer,
  admission: Admission,
  startConversation: StartConversation,
  ended: () => void,
): Promise<HttpViewer & { sdp: string }> {
  const candidates: string[] = [];
  const answered = Promise.withResolvers<string>();
  const gathered = Promise.withResolvers<void>();
  const conversation = startConversation(
    (reply) => {
      if (reply.type === 'webrtc/answer') {
        answered.resolve(reply.value);
      } else if (reply.type === 'webrtc/candidate') {
        candidates.push(reply.value);
      } else if (reply.type === 'error') {
        answered.reject(new RefusedOffer(reply));
      }
    },
    {
      ...{ address: admission.address, source, maySee, maxSlots: 1 },
      renew: (token) => admission.renew(token),
      gathered: () => gathered.resolve(),
    },
  );
  let isOver = false;
  const over = () => {
    isOver = true;
    admission.leave();
    ended();
  };
  const end = () => {
    conversation.close();
    over();
  };
  let dismissed = new RefusedOffer({ type: 'error', value: 'the session has ended' });
  admission.dismiss = (reason, code) => {
    dismissed = new RefusedOffer({ type: 'error', value: reason, code });
    end();
    answered.reject(dismissed);
  };
  try {
    conversation.receive({ type: 'webrtc/offer', value: offer });
    const sdp = await answered.promise;
    // From here on there is no socket; the session ends with its connection.
    conversation.leave(over);
    const impatience = setTimeout(gathered.resolve, gatheringMs);
    await gathered.promise;
    clearTimeout(impatience);
    if (isOver) {
      throw dismissed;
    }
    return {
      ...{ sdp: addCandidates(sdp, candidates), conversation, rights, end },
      ...{ iceUser: iceUserOf(offer), budget: newMessageBudget() },
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** Puts candidates into the first m-line that is not rejected: it carries the transport. */
export function addCandidates(sdp: string, candidates: readonly string[]): string {
  const [session = '', ...media] = sdp.split(/^(?=m=)/m);
  const carrier = media.findIndex((line) => !/^m=\S+ 0 /.test(line));
  const lines = [...candidates.map((candidate) => `a=${candidate}`), 'a=end-of-candidates'];
  return [
    session,
    ...media.map((section, index) => (index === carrier ? `${section}${lines.join('\r\n')}\r\n` : section)),
  ].join('');
}

function iceUserOf(sdp: string): string | undefined {
  return /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
}

/** RFC 9725 sections 4.2 and 4.6. */
function describeSession(
  reply: FastifyReply,
  id: string,
  token: string | null,
  iceServers: readonly IceServer[],
): void {
  // Relative, since a proxy may have put the device under a path. A client that has its token in the address knows no other
  // address of the session than this one.
  const credentials = token === null ? '' : `&token=${encodeURIComponent(token)}`;
  reply.header('Location', `webrtc?id=${id}${credentials}`).header('ETag', `"${id}"`);
  const links = iceServers.flatMap(({ urls, username, credential }) =>
    urls.map((url) => {
      const secret =
        username === undefined
          ? ''
          : `; username=${JSON.stringify(username)}; credential=${JSON.stringify(credential ?? '')}; credential-type="password"`;
      return `<${url}>; rel="ice-server"${secret}`;
    }),
  );
  // A name or password beyond ASCII fits no header; such clients still have /api/ice-servers.
  const fitting = links.filter((link) => /^[\x20-\x7e]*$/.test(link));
  if (fitting.length > 0) {
    reply.header('Link', fitting.join(', '));
  }
}

/** How an offer and its answer travel. */
interface Form {
  /** Null for a body without an offer. */
  read(body: string): string | null;
  reply(reply: FastifyReply, sdp: string): FastifyReply;
}

const plain: Form = {
  read: (body) => (body === '' ? null : body),
  reply: (reply, sdp) => reply.type('application/sdp').send(sdp),
};

const description = v.object({ sdp: v.string() });

/** By media type; every other one is plain SDP. */
const forms: Record<string, Form> = {
  'application/sdp': { ...plain, reply: (reply, sdp) => plain.reply(reply.code(201), sdp) },
  'application/json': {
    read: (body) => {
      try {
        return v.parse(description, JSON.parse(body)).sdp;
      } catch {
        return null;
      }
    },
    reply: (reply, sdp) => reply.send({ type: 'answer', sdp }),
  },
  'application/x-www-form-urlencoded': {
    read: (body) => {
      const data = new URLSearchParams(body).get('data');
      return data === null ? null : Buffer.from(data, 'base64').toString();
    },
    reply: (reply, sdp) => reply.type('application/x-www-form-urlencoded').send(Buffer.from(sdp).toString('base64')),
  },
};

function mediaType({ headers }: FastifyRequest): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function parameter({ raw }: FastifyRequest, name: string): string | null {
  return addressOf(raw).searchParams.get(name);
}
