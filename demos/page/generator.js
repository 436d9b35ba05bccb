// A DCGAN generator in the page: reads the file that models/gan/browser.py writes and turns z into a picture.
(() => {
  const look = (window.justLook ??= {});

  // Returns `{ size, pixels(z) }` for the bytes of a file: `pixels` gives RGBA of size × size. The worker gets the text
  // of this function, so it uses nothing from around it.
  look.readGenerator = (file, matrixProduct) => {
    // A safetensors file: the length of a JSON header, the header, then the numbers.
    const length = Number(new DataView(file).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
    const about = Object.fromEntries(Object.entries(header.__metadata__).map(([name, text]) => [name, Number(text)]));
    const { z_dim, modes, mode_length, labels, sharpness, size, channels } = about;
    const bytesOf = (name) => {
      const [start, end] = header[name].data_offsets;
      return file.slice(8 + length + start, 8 + length + end);
    };

    const half = new Float32Array(2 ** 16); // what each number in half precision is
    for (let bits = 0; bits < half.length; bits++) {
      const exponent = (bits >> 10) & 31, fraction = bits & 1023;
      const amount = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024);
      half[bits] = bits & 0x8000 ? -amount : amount;
    }

    // Layer 0 makes 4 × 4 positions of the latent vector, in a row of one matrix; each later layer makes of each position
    // a patch of 4 × 4 positions. So each is a matrix product: `rows` × `depth` times `depth` × `columns`.
    let used = 0; // numbers of the memory that weights take
    const layers = Array.from({ length: about.layers }, (_, i) => {
      const [panels, depth, wide] = header[`${i}.weight`].shape;
      const side = 4 * 2 ** Math.max(0, i - 1); // of the maps that enter
      const weight = used;
      used += panels * depth * wide;
      return {
        weight, depth, side, wide, columns: panels * wide, rows: i === 0 ? 4 : side * side, // a tile has 4 rows
        scale: new Float32Array(bytesOf(`${i}.scale`)), shift: new Float32Array(bytesOf(`${i}.shift`)),
      };
    });
    const maps = used; // behind the weights: a layer's input, and behind it the products
    const products = maps + Math.max(...layers.map(({ rows, depth }) => rows * depth), size * size * channels);
    const { buffer, tile } = matrixProduct(4 * (products + Math.max(...layers.map(({ rows, columns }) => rows * columns))));
    const numbers = new Float32Array(buffer);
    layers.forEach(({ weight }, i) => {
      const bits = new Uint16Array(bytesOf(`${i}.weight`));
      for (let k = 0; k < bits.length; k++) numbers[weight + k] = half[bits[k]];
    });

    // What enters layer 0: z, whose last numbers become shares of labels, and one-hot which of its first is the largest.
    const inputs = (z) => {
      const values = new Float32Array(z_dim + modes);
      values.set(z);
      if (labels) {
        const scores = z.slice(z_dim - labels), most = Math.max(...scores);
        const powers = scores.map((score) => Math.exp(sharpness * (score - most)));
        const total = powers.reduce((sum, power) => sum + power);
        values.set(powers.map((power) => power / total), z_dim - labels);
      }
      if (modes) values[z_dim + z.slice(0, modes).reduce((best, value, i) => (value > z[best] ? i : best), 0)] = mode_length;
      return values;
    };

    const multiply = ({ rows, depth, columns, weight, wide }) => {
      for (let column = 0; column < columns; column += wide) {
        for (let row = 0; row < rows; row += 4) { // the panel's weights stay in the cache
          tile(4 * (maps + row * depth), 4 * (weight + column * depth), 4 * (products + row * columns + column),
            4 * depth, 4 * columns);
        }
      }
    };

    // The patches overlap: a position of the larger maps, which are cut by one on each side, is the sum of up to four.
    const join = ({ side, columns }, count) => {
      // The two pairs for each position of the output: where it comes from, and which position of that patch it is.
      const pairs = Array.from({ length: 2 * side }, (_, at) => [(at + 1) % 2, ((at + 1) % 2) + 2]
        .map((place) => [(at + 1 - place) / 2, place]).filter(([from]) => from >= 0 && from < side));
      numbers.fill(0, maps, maps + 4 * side * side * count);
      for (let y = 0, to = maps; y < 2 * side; y++) {
        for (let x = 0; x < 2 * side; x++, to += count) {
          for (const [fromY, placeY] of pairs[y]) {
            for (const [fromX, placeX] of pairs[x]) {
              const from = products + (fromY * side + fromX) * columns + (placeY * 4 + placeX) * count;
              for (let c = 0; c < count; c++) numbers[to + c] += numbers[from + c];
            }
          }
        }
      }
    };

    const finish = ({ scale, shift }, positions, activation) => {
      for (let p = 0, at = maps; p < positions; p++) {
        for (let c = 0; c < scale.length; c++, at++) numbers[at] = activation(numbers[at] * scale[c] + shift[c]);
      }
    };
    const relu = (value) => (value > 0 ? value : 0);

    const pixels = (z) => {
      numbers.set(inputs(z), maps);
      layers.forEach((layer, i) => {
        multiply(layer);
        if (i === 0) numbers.copyWithin(maps, products, products + layer.columns);
        else join(layer, layer.scale.length);
        finish(layer, i === 0 ? 16 : 4 * layer.side ** 2, i === layers.length - 1 ? Math.tanh : relu);
      });
      const picture = new Uint8ClampedArray(4 * size * size).fill(255);
      for (let i = 0; i < size * size; i++) {
        for (let c = 0; c < 3; c++) { // a single channel is shown dark on white, as the server shows it
          const value = channels === 1 ? -numbers[maps + i] : numbers[maps + i * channels + c];
          picture[4 * i + c] = Math.round((value + 1) * 127.5);
        }
      }
      return picture;
    };
    return { size, pixels };
  };
})();
