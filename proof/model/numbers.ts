const firstLength = 1 << 16;

/** A list of whole numbers that grows, of four bytes each. */
export class Numbers {
  #values = new Uint32Array(firstLength);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new Uint32Array(this.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.#values[index] ?? 0;
  }
}
