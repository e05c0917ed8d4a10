import { type ClientOptions, WebSocket } from 'ws';

export interface Message {
  type: string;
  [field: string]: unknown;
}

/** A WebSocket as a program would use it: what it gets is kept, and can be waited for. */
export class ApiClient {
  readonly messages: Message[] = [];
  /** Binary messages. */
  readonly pictures: Buffer[] = [];
  /** The code and the reason. */
  readonly closed: Promise<[code: number, reason: string]>;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data, isBinary) => {
      if (isBinary) {
        this.pictures.push(data as Buffer);
        return;
      }
      this.messages.push(JSON.parse(String(data)));
      for (const look of this.#waiting) {
        look();
      }
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve([code, String(reason)]));
    });
  }

  /**
   * @param url of the device, `http://…`; the path is `/api/ws`
   * @throws {Error} with the HTTP status where the device refuses
   */
  static async open(
    url: string,
    { query = '', ...options }: ClientOptions & { query?: string } = {},
  ): Promise<ApiClient> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/api/ws${query}`, options);
    const client = new ApiClient(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  send(message: Message | string | Buffer): void {
    this.#socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** The first message that fits, from now on or from before; it is not found again. */
  async next(fits: (message: Message) => boolean): Promise<Message> {
    return new Promise((resolve) => {
      const look = () => {
        const index = this.messages.findIndex(fits);
        if (index !== -1) {
          this.#waiting.delete(look);
          resolve(this.messages.splice(index, 1)[0] as Message);
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** The answer to a request, by its number. */
  async ask(message: Message): Promise<Message> {
    const id = `${message.type} ${++requests}`;
    this.send({ ...message, request_id: id });
    return this.next(({ request_id }) => request_id === id);
  }

  /** Stops reading, as a page does that hangs. */
  halt(): void {
    this.#socket.pause();
  }

  continue(): void {
    this.#socket.resume();
  }

  /** @param code of the close frame; undefined: the connection breaks without one */
  close(code?: number): void {
    if (code === undefined) {
      this.#socket.terminate();
    } else {
      this.#socket.close(code);
    }
  }
}

let requests = 0;
