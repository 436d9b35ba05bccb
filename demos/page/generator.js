// A DCGAN generator in the page: reads the file that models/gan/browser.py writes and turns z into a picture.
(() => {
  const look = (window.justLook ??= {});

  const halves = (numbers) => {
    if (window.Float16Array) return Float32Array.from(new Float16Array(numbers.buffer, numbers.byteOffset, numbers.length));
    const values = new Float32Array(numbers.length);
    for (let i = 0; i < numbers.length; i++) {
      const exponent = (numbers[i] >> 10) & 31, fraction = numbers[i] & 1023;
      const size = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024);
      values[i] = numbers[i] & 0x8000 ? -size : size;
    }
    return values;
  };

  // The layers of a safetensors file: a length, a JSON header, then the numbers.
  const read = (buffer) => {
    const length = Number(new DataView(buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
    const tensor = (name) => {
      const { dtype, shape, data_offsets: [start, end] } = header[name];
      const bytes = buffer.slice(8 + length + start, 8 + length + end);
      return { shape, values: dtype === "F16" ? halves(new Uint16Array(bytes)) : new Float32Array(bytes) };
    };
    const about = Object.fromEntries(Object.entries(header.__metadata__).map(([name, text]) => [name, Number(text)]));
    const layers = Array.from({ length: about.layers }, (_, i) => ({
      weight: tensor(`${i}.weight`).values,
      scale: tensor(`${i}.scale`).values,
      shift: tensor(`${i}.shift`).values,
    }));
    return { ...about, layers };
  };

  // z, and one-hot which of its first numbers is the largest
  const inputs = ({ z_dim, modes, mode_length }, z) => {
    const values = new Float32Array(z_dim + modes);
    values.set(z);
    if (modes) values[z_dim + z.slice(0, modes).reduce((best, value, i) => (value > z[best] ? i : best), 0)] = mode_length;
    return values;
  };

  const first = ({ weight, scale }, values) => {
    const sums = new Float32Array(16 * scale.length);
    values.forEach((value, n) => {
      const row = n * sums.length;
      for (let k = 0; k < sums.length; k++) sums[k] += value * weight[row + k];
    });
    return sums;
  };

  // A transposed 4 × 4 convolution with stride 2: each place adds a 4 × 4 patch to a picture twice as large, which has
  // one more pixel on each side until `finish` leaves them out. What a ReLU set to zero adds nothing.
  const enlarge = ({ weight, scale }, maps, side, before) => {
    const channels = scale.length, wide = 2 * side + 2, run = 4 * channels;
    const sums = new Float32Array(wide * wide * channels);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        for (let c = 0; c < before; c++) {
          const value = maps[(y * side + x) * before + c];
          if (value === 0) continue;
          for (let ky = 0; ky < 4; ky++) {
            const to = ((2 * y + ky) * wide + 2 * x) * channels, from = (c * 4 + ky) * run;
            for (let k = 0; k < run; k++) sums[to + k] += value * weight[from + k];
          }
        }
      }
    }
    return sums;
  };

  const finish = ({ scale, shift }, sums, side, margin, activation) => {
    const channels = scale.length, wide = side + 2 * margin;
    const maps = new Float32Array(side * side * channels);
    for (let y = 0, to = 0; y < side; y++) {
      let from = ((y + margin) * wide + margin) * channels;
      for (let x = 0; x < side; x++) {
        for (let c = 0; c < channels; c++) maps[to++] = activation(sums[from++] * scale[c] + shift[c]);
      }
    }
    return maps;
  };
  const relu = (value) => (value > 0 ? value : 0);

  // Numbers in [-1, 1], channels last, for a latent vector of z_dim numbers.
  const draw = (network, z) => {
    let side = 4, maps = finish(network.layers[0], first(network.layers[0], inputs(network, z)), side, 0, relu);
    network.layers.forEach((layer, i) => {
      if (i === 0) return;
      const sums = enlarge(layer, maps, side, network.layers[i - 1].scale.length);
      side *= 2;
      maps = finish(layer, sums, side, 1, i === network.layers.length - 1 ? Math.tanh : relu);
    });
    return maps;
  };

  // The pixels of a sample, dark on white where it has one channel, as the server shows it.
  const pixels = (network, z) => {
    const { size, channels } = network, values = draw(network, z), picture = new ImageData(size, size);
    for (let i = 0; i < size * size; i++) {
      for (let c = 0; c < 3; c++) {
        const value = channels === 1 ? -values[i] : values[i * channels + c];
        picture.data[4 * i + c] = Math.round((value + 1) * 127.5);
      }
      picture.data[4 * i + 3] = 255;
    }
    return picture;
  };

  const KEPT = 12; // networks of about 2 MB each: more than any generator has snapshots
  const networks = new Map();
  // Fetch a network once; a failed fetch may be tried again.
  const load = (url) => {
    if (!networks.has(url)) {
      const coming = fetch(url).then(async (reply) => {
        if (!reply.ok) throw new Error(`${url}: ${reply.status}`);
        return read(await reply.arrayBuffer());
      });
      coming.catch(() => networks.delete(url));
      networks.set(url, coming);
      if (networks.size > KEPT) networks.delete(networks.keys().next().value);
    }
    return networks.get(url);
  };

  look.generator = { load, pixels };
})();
