import { connect } from '@unified-storage/client';

const SENSORS = 200;
const READING_LASTS_MS = 15_000;

/**
 * 200 sensors that each send a reading twice a second, over one socket.
 *
 * A sensor counts without end; its last reading expires, so that a sensor that has fallen silent shows. Each reading is one atomic batch:
 * the count never says more or less than there were readings.
 *
 * @param {string} url the store's socket
 * @returns {() => void} ends them
 */
export function runSensors(url) {
  const store = connect({ url });
  const names = Array.from({ length: SENSORS }, (_, i) => `sensor_${String(i + 1).padStart(3, '0')}`);
  const silent = new Set();
  for (const name of names) {
    store
      .put('Sensor', name, { room: `room ${1 + (Number(name.slice(-3)) % 8)}`, readings: 0 })
      .catch(() => {});
  }
  const timer = setInterval(() => {
    for (const name of names) {
      // Now and then one falls silent for good.
      if (Math.random() < 0.0002) silent.add(name);
      if (silent.has(name)) continue;
      const celsius =
        Math.round((20 + 3 * Math.sin(Date.now() / 10_000 + name.length) + Math.random()) * 10) / 10;
      store
        .batch(
          [
            { type: 'update', $id: name, increment: { readings: 1 } },
            {
              type: 'put',
              $type: 'Reading',
              $id: `${name}_last`,
              data: { sensor: name, celsius },
              expiresInMs: READING_LASTS_MS,
            },
          ],
          { atomic: true },
        )
        .catch(() => {});
    }
  }, 500);
  return () => {
    clearInterval(timer);
    store.close();
  };
}
