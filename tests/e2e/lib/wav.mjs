// Reading WAV files, making tones and finding them again.
import fs from 'node:fs';

/**
 * Reads 16-bit PCM. A data chunk without a length (its writer is still at it) reaches to the end of the file.
 * @returns {{rate: number, channels: Int16Array[]}}
 */
export function readWav(file) {
  const bytes = fs.readFileSync(file);
  if (bytes.length < 44 || bytes.toString('latin1', 0, 4) !== 'RIFF') throw new Error(`${file} is no WAV file yet`);
  let rate = 0;
  let count = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const kind = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    if (kind === 'fmt ') {
      count = bytes.readUInt16LE(at + 10);
      rate = bytes.readUInt32LE(at + 12);
      if (bytes.readUInt16LE(at + 22) !== 16) throw new Error(`${file}: only 16-bit PCM is read here`);
    }
    if (kind === 'data') {
      const unknown = size === 0 || size === 0xffffffff || at + 8 + size > bytes.length;
      return { rate, channels: split(bytes.subarray(at + 8, unknown ? bytes.length : at + 8 + size), count) };
    }
    at += 8 + size + (size % 2);
  }
  throw new Error(`${file} has no audio yet`);
}

function split(bytes, count) {
  const frames = Math.floor(bytes.length / 2 / count);
  const channels = Array.from({ length: count }, () => new Int16Array(frames));
  for (let frame = 0; frame < frames; frame += 1) {
    for (let channel = 0; channel < count; channel += 1) channels[channel][frame] = bytes.readInt16LE((frame * count + channel) * 2);
  }
  return channels;
}

/** Writes `seconds` of a sine tone, mono, 16 bit. */
export function writeTone(file, hz, seconds, rate = 8000, amplitude = 8000) {
  const samples = Math.round(rate * seconds);
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + samples * 2, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(samples * 2, 40);
  for (let n = 0; n < samples; n += 1) bytes.writeInt16LE(Math.round(amplitude * Math.sin((2 * Math.PI * hz * n) / rate)), 44 + n * 2);
  fs.writeFileSync(file, bytes);
}

/** The share of `samples`' energy that is at `hz`, 0 to 1 (Goertzel's algorithm). */
export function toneShare(samples, rate, hz) {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let [one, two, energy] = [0, 0, 0];
  for (const sample of samples) {
    [one, two] = [sample + coefficient * one - two, one];
    energy += sample * sample;
  }
  if (energy === 0) return 0;
  return (2 * (one * one + two * two - coefficient * one * two)) / (samples.length * energy);
}

/**
 * The blocks of 100 ms, loud enough to hear, that carry mostly the tone `hz`: how long it was heard [ms].
 * @param share  how much of a block's energy must be the tone
 */
export function heardTone({ rate, samples }, hz, { share = 0.6, loud = 200 } = {}) {
  const block = Math.floor(rate / 10);
  let heard = 0;
  for (let at = 0; at + block <= samples.length; at += block) {
    const part = samples.subarray(at, at + block);
    const level = Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / block);
    if (level >= loud && toneShare(part, rate, hz) >= share) heard += 100;
  }
  return heard;
}
