import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { FormatContext, Packet } from 'node-av/lib';
import { Decoder } from '../../src/coder/decoder.ts';
import { check, microseconds, present } from '../../src/coder/ffmpeg.ts';

export interface Read {
  /** Microseconds. */
  time: number;
  keyframe: boolean;
  width: number;
  height: number;
}

/** Reads a file with FFmpeg. @returns the frames that it decodes */
export async function readByFfmpeg(file: string): Promise<Read[]> {
  const context = new FormatContext();
  context.allocContext();
  check(await context.openInput(file, null, null), 'open');
  check(await context.findStreamInfo(), 'streams');
  const stream = present(context.streams[context.findBestStream(AVMEDIA_TYPE_VIDEO)] ?? null, 'stream');
  const decoder = new Decoder({ parameters: stream.codecpar, hasBFrames: false, turn: 0 } as never, stream.timeBase);
  const packet = new Packet();
  packet.alloc();
  const found: Read[] = [];
  while ((await context.readFrame(packet)) >= 0) {
    const { isKeyframe: keyframe } = packet;
    const time = microseconds(packet.pts, stream.timeBase);
    await decoder.decode(packet, async ({ width, height }) => {
      found.push({ time, keyframe, width, height });
    });
    packet.unref();
  }
  packet.free();
  decoder.close();
  await context.closeInput();
  return found;
}

/** Seconds of pictures and of sound between the first packet of a kind and the last one, as FFmpeg reads them. */
export async function durationsOf(file: string): Promise<{ pictures: number; sounds: number }> {
  const context = new FormatContext();
  context.allocContext();
  check(await context.openInput(file, null, null), 'open');
  check(await context.findStreamInfo(), 'streams');
  const times = new Map<number, number[]>();
  const packet = new Packet();
  packet.alloc();
  while ((await context.readFrame(packet)) >= 0) {
    const stream = present(context.streams[packet.streamIndex] ?? null, 'stream');
    const { codecType } = stream.codecpar;
    times.set(codecType, [...(times.get(codecType) ?? []), microseconds(packet.pts, stream.timeBase) / 1e6]);
    packet.unref();
  }
  packet.free();
  await context.closeInput();
  const length = (type: number) => (times.get(type)?.at(-1) ?? 0) - (times.get(type)?.[0] ?? 0);
  return { pictures: length(AVMEDIA_TYPE_VIDEO), sounds: length(AVMEDIA_TYPE_AUDIO) };
}
