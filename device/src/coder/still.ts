import { AV_BUFFERSRC_FLAG_KEEP_REF, AV_CODEC_ID_MJPEG, AV_PIX_FMT_YUVJ420P } from 'node-av/constants';
import { Codec, CodecContext, Dictionary, Frame, Packet, Rational } from 'node-av/lib';
import { check, present, received } from './ffmpeg.ts';
import { Scaler } from './scaler.ts';

/** From 2, the best, to 31. */
const quality = 5;

/**
 * One frame as a JPEG picture.
 * @param width pixels; undefined: the frame's own
 */
export async function encodeStill(frame: Frame, width: number | undefined): Promise<Buffer> {
  const scaler = new Scaler(frame, width === undefined ? {} : { width }, 'yuvj420p');
  const codec = present(Codec.findEncoder(AV_CODEC_ID_MJPEG), 'JPEG encoder');
  const context = new CodecContext();
  const scaled = new Frame();
  const packet = new Packet();
  scaled.alloc();
  packet.alloc();
  try {
    context.allocContext3(codec);
    context.width = scaler.width;
    context.height = scaler.height;
    context.pixelFormat = AV_PIX_FMT_YUVJ420P;
    context.timeBase = new Rational(1, 25);
    check(await context.open2(codec, Dictionary.fromObject({ qmin: quality, qmax: quality })), 'JPEG encoder');
    await scaler.scale(frame, scaled, AV_BUFFERSRC_FLAG_KEEP_REF);
    check(await context.sendFrame(scaled), 'JPEG encoder');
    if (!received(await context.receivePacket(packet), 'JPEG encoder') || packet.data === null) {
      throw new Error('the JPEG encoder gave no picture');
    }
    return Buffer.from(packet.data);
  } finally {
    packet.free();
    scaled.free();
    context.freeContext();
    scaler.close();
  }
}
