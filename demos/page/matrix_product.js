// A matrix product in WebAssembly SIMD, assembled here from its instructions; in plain JavaScript where that is missing.
(() => {
  const look = (window.justLook ??= {});

  // Returns `{ buffer, tile }`. `tile(a, b, c, depth, stride)` sets 4 rows × 8 columns of C = A B, whose numbers are in
  // `buffer`, in single precision. `a` and `c` are the byte addresses of the first of the 4 rows, `depth` and `stride`
  // the bytes of a row of A and of C. At `b` the 8 columns of B lie by themselves, row after row. A has a column at least.
  //
  // The generator's worker gets the text of this function, so it uses nothing from around it.
  look.matrixProduct = (bytes) => {
    const ROWS = 4, COLUMNS = 8; // their 32 sums stay in the processor's registers from the first product to the last

    const assembled = () => {
      const whole = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...whole(n >> 7)]); // LEB128
      const sized = (body) => [...whole(body.length), ...body];
      const several = (items) => [...whole(items.length), ...items.flat()];
      const text = (letters) => sized(Array.from(letters, (letter) => letter.charCodeAt(0)));

      const I32 = 0x7f, V128 = 0x7b, VECTOR = 16; // bytes of a vector: four numbers
      const get = (local) => [0x20, local], set = (local) => [0x21, local];
      const number = (n) => [0x41, n]; // below 64
      const add = [0x6a], multiply = [0x6c], differ = [0x47];
      const loop = [0x03, 0x40], again = [0x0d, 0], end = [0x0b]; // `again` jumps to the loop's start if the stack says so
      const simd = (code, ...operands) => [0xfd, ...whole(code), ...operands];
      const load = (offset) => simd(0x00, 2, offset), store = (offset) => simd(0x0b, 2, offset); // aligned to 2² bytes
      const loadOneFourTimes = simd(0x09, 2, 0), addFour = simd(0xe4), multiplyFour = simd(0xe6);

      const rows = [...Array(ROWS).keys()], vectors = [...Array(COLUMNS / 4).keys()];
      const [a, b, c, depth, stride] = [0, 1, 2, 3, 4]; // the function's parameters, then its own variables:
      const last = 5; // where row 0 of A ends
      const from = (row) => last + 1 + row; // the address reached in a row of A
      const value = last + 1 + ROWS; // of A
      const weights = (vector) => value + 1 + vector; // of B
      const sum = (row, vector) => weights(vectors.length) + row * vectors.length + vector;
      const locals = several([[1 + ROWS, I32], [1 + vectors.length * (1 + ROWS), V128]]);

      const code = [
        get(a), get(depth), add, set(last),
        rows.map((row) => [get(a), get(depth), number(row), multiply, add, set(from(row))]),
        loop,
        vectors.map((v) => [get(b), load(v * VECTOR), set(weights(v))]),
        rows.map((row) => [
          get(from(row)), loadOneFourTimes, set(value),
          vectors.map((v) => [get(value), get(weights(v)), multiplyFour, get(sum(row, v)), addFour, set(sum(row, v))]),
          get(from(row)), number(4), add, set(from(row)),
        ]),
        get(b), number(vectors.length * VECTOR), add, set(b),
        get(from(0)), get(last), differ, again,
        end,
        rows.map((row) => [
          vectors.map((v) => [get(c), get(sum(row, v)), store(v * VECTOR)]),
          get(c), get(stride), add, set(c),
        ]),
        end,
      ].flat(Infinity);

      const section = (id, items) => [id, ...sized(several(items))];
      const module = new WebAssembly.Module(Uint8Array.from([
        0, ...Array.from("asm", (letter) => letter.charCodeAt(0)), 1, 0, 0, 0, // version 1
        ...section(1, [[0x60, ...several([a, b, c, depth, stride].map(() => [I32])), 0]]), // the type: five numbers to none
        ...section(2, [[...text("js"), ...text("memory"), 2, 0, 1]]), // imported: a memory of 1 page or more
        ...section(3, [[0]]), // one function, of the first type
        ...section(7, [[...text("tile"), 0, 0]]), // exported: the first function
        ...section(10, [sized([...locals, ...code])]),
      ]));
      const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 2 ** 16) });
      return { buffer: memory.buffer, tile: new WebAssembly.Instance(module, { js: { memory } }).exports.tile };
    };

    const plain = () => {
      const numbers = new Float32Array(bytes / 4);
      const tile = (a, b, c, depth, stride) => {
        for (let row = 0; row < ROWS; row++) {
          let s0 = 0, s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0; // several times faster than an array
          let from = (a + row * depth) / 4, at = b / 4;
          for (const last = from + depth / 4; from < last; from++, at += COLUMNS) {
            const value = numbers[from];
            if (value === 0) continue; // half of what a ReLU lets through
            s0 += value * numbers[at];
            s1 += value * numbers[at + 1];
            s2 += value * numbers[at + 2];
            s3 += value * numbers[at + 3];
            s4 += value * numbers[at + 4];
            s5 += value * numbers[at + 5];
            s6 += value * numbers[at + 6];
            s7 += value * numbers[at + 7];
          }
          numbers.set([s0, s1, s2, s3, s4, s5, s6, s7], (c + row * stride) / 4);
        }
      };
      return { buffer: numbers.buffer, tile };
    };

    try {
      return assembled();
    } catch {
      return plain();
    }
  };
})();
