// @ts-check

/** Random choices that a seed repeats. */
export class Random {
  #state;

  /** @param {number} seed a whole number from 0 to 2³² − 1 */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to 1: the generator SplitMix with 32 bits. */
  next() {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`. @param {number} least @param {number} most */
  between(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** @template T @param {readonly T[]} choices @returns {T} */
  pick(choices) {
    const choice = choices[this.between(0, choices.length - 1)];
    if (choice === undefined) throw new Error("there is nothing to pick from");
    return choice;
  }

  /** Further random choices, which do not depend on when these are made. */
  fork() {
    return new Random(Math.floor(this.next() * 2 ** 32));
  }
}
