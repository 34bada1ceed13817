import './page.css';
import { connect } from '@unified-storage/client';

type Types = {
  Sensor: { room: string; readings: number };
  Reading: { sensor: string; celsius: number };
};

const store = connect<Types>({ url: `${location.origin.replace('http', 'ws')}/stores/sensors` });
const sensors = store.live({ $type: 'Sensor' });
const readings = store.live({ $type: 'Reading' });

const app = document.getElementById('app') as HTMLElement;
app.innerHTML = '<h1>Sensors</h1><p id="said" role="status"></p><ol id="list"></ol>';
const said = document.getElementById('said') as HTMLElement;
const list = document.getElementById('list') as HTMLElement;
const rows = new Map<string, HTMLElement>();

function show() {
  for (const sensor of sensors.items) {
    let row = rows.get(sensor.$id);
    if (row === undefined) {
      row = document.createElement('li');
      rows.set(sensor.$id, row);
      list.append(row);
    }
    const reading = readings.things.get(`${sensor.$id}_last`);
    row.className = reading === undefined ? 'silent' : '';
    row.textContent = `${sensor.$id.slice(-3)}  ${reading === undefined ? 'silent' : `${reading.celsius.toFixed(1)} °C`}`;
    row.title = `${sensor.room}, ${sensor.readings} readings`;
  }
  const total = sensors.items.reduce((sum, { readings: count }) => sum + count, 0);
  said.textContent = `${sensors.things.size} sensors, ${readings.things.size} heard lately, ${total} readings, ${
    sensors.state === 'changes' ? 'live' : sensors.state
  }`;
}

let due = false;
for (const set of [sensors, readings]) {
  set.subscribe(() => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      show();
    });
  });
}
