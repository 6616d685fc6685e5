// UTF-8 for the bindings of the module: older versions of Hermes have no TextDecoder or no TextEncoder.

/** The number of code units that one call of `String.fromCharCode` can take in every engine. */
const AT_ONCE = 4096;

export class TextDecoder {
  /** The text of valid UTF-8: the module contains no other. */
  decode(bytes = []) {
    let [text, units, at] = ["", [], 0];
    const next = () => bytes[at++] & 0x3f;
    while (at < bytes.length) {
      const first = bytes[at++];
      if (first < 0x80) units.push(first);
      else if (first < 0xe0) units.push(((first & 0x1f) << 6) | next());
      else if (first < 0xf0) units.push(((first & 0x0f) << 12) | (next() << 6) | next());
      else {
        const point = (((first & 0x07) << 18) | (next() << 12) | (next() << 6) | next()) - 0x10000;
        units.push(0xd800 | (point >> 10), 0xdc00 | (point & 0x3ff));
      }
      if (units.length < AT_ONCE) continue;
      text += String.fromCharCode(...units);
      units = [];
    }
    return text + String.fromCharCode(...units);
  }
}

export class TextEncoder {
  /** Writes a text, with U+FFFD in place of a lone surrogate. There must be three bytes for each code unit. */
  encodeInto(text, bytes) {
    let written = 0;
    for (const character of text) {
      let point = character.codePointAt(0);
      if (point >= 0xd800 && point < 0xe000) point = 0xfffd;
      if (point < 0x80) bytes[written++] = point;
      else {
        const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
        bytes[written++] = [0xc0, 0xe0, 0xf0][more - 1] | (point >> (6 * more));
        for (let rest = more - 1; rest >= 0; rest--) bytes[written++] = 0x80 | ((point >> (6 * rest)) & 0x3f);
      }
    }
    return { written };
  }
}
