/**
 * Cuts JPEG pictures (ITU-T T.81 annex B) out of bytes that have other things between them. A picture is found by its own
 * markers: cameras write the headers of a multipart stream wrong in many ways, and they are not needed.
 */
export class JpegSplitter {
  #data: Buffer = Buffer.alloc(64 * 1024);
  #end = 0;
  /** Where the picture begins; meaningful while `#state` is not `outside`. */
  #start = 0;
  /** Bytes before this were looked at. */
  #at = 0;
  #state: 'outside' | 'segments' | 'scan' = 'outside';

  /** Bytes that are kept until their picture is whole. */
  get heldBytes(): number {
    return this.#end;
  }

  /** @returns the pictures that are whole now; each has memory of its own */
  push(chunk: Buffer): Buffer[] {
    this.#append(chunk);
    const pictures: Buffer[] = [];
    for (let moves = true; moves; ) {
      moves = this.#state === 'outside' ? this.#findStart() : this.#walk(pictures);
    }
    this.#forget();
    return pictures;
  }

  #append(chunk: Buffer): void {
    const length = this.#end + chunk.length;
    if (length > this.#data.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#data.length));
      this.#data.copy(larger, 0, 0, this.#end);
      this.#data = larger;
    }
    chunk.copy(this.#data, this.#end);
    this.#end = length;
  }

  /** @returns false if the bytes are used up */
  #findStart(): boolean {
    const found = this.#data.subarray(0, this.#end).indexOf(startOfImage, this.#at);
    if (found === -1) {
      // The last bytes may be the beginning of a start.
      this.#at = Math.max(this.#at, this.#end - startOfImage.length + 1);
      return false;
    }
    this.#start = found;
    this.#at = found + 2;
    this.#state = 'segments';
    return true;
  }

  /** Goes on by a marker. @returns false if the bytes are used up */
  #walk(pictures: Buffer[]): boolean {
    if (this.#state === 'scan') {
      const next = this.#data.subarray(0, this.#end).indexOf(0xff, this.#at);
      this.#at = next === -1 ? Math.max(this.#at, this.#end) : next;
    }
    if (this.#at + 2 > this.#end) {
      return false;
    }
    const marker = this.#data.readUInt8(this.#at + 1);
    if (this.#data[this.#at] !== 0xff) {
      // A broken picture. What was looked at is not looked at again.
      this.#state = 'outside';
    } else if (marker === 0xff) {
      this.#at += 1;
    } else if (marker === endOfImage) {
      this.#at += 2;
      this.#take(pictures);
      this.#state = 'outside';
    } else if (marker === 0xd8) {
      // Some cameras send pictures without an end: a new picture ends the one before.
      if (this.#state === 'scan') {
        this.#take(pictures);
      }
      this.#start = this.#at;
      this.#at += 2;
      this.#state = 'segments';
    } else if (marker <= 0x01 || isRestart(marker) || (this.#state === 'scan' && marker < firstSegment)) {
      this.#at += 2;
    } else {
      return this.#skipSegment(marker);
    }
    return true;
  }

  #skipSegment(marker: number): boolean {
    if (this.#at + 4 > this.#end) {
      return false;
    }
    this.#at += 2 + Math.max(2, this.#data.readUInt16BE(this.#at + 2));
    this.#state = marker === startOfScan ? 'scan' : 'segments';
    return true;
  }

  #take(pictures: Buffer[]): void {
    pictures.push(Buffer.from(this.#data.subarray(this.#start, this.#at)));
  }

  /** Gives the room of what is no longer needed to what comes. */
  #forget(): void {
    const from = Math.min(this.#state === 'outside' ? this.#at : this.#start, this.#end);
    this.#data.copyWithin(0, from, this.#end);
    this.#end -= from;
    this.#at -= from;
    this.#start = 0;
  }
}

/** Every picture goes on with another marker. */
const startOfImage = Buffer.from([0xff, 0xd8, 0xff]);
const endOfImage = 0xd9;
const startOfScan = 0xda;
/** The lowest marker that a segment begins with (SOF0). */
const firstSegment = 0xc0;

/** RST0 to RST7, which have no length. */
function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}
