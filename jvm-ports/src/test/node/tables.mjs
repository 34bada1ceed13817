// Writes the tables that JsoniterJsonTest compares with: what JavaScript itself makes of numbers and
// texts. Run it from the folder of jvm-ports: node src/test/node/tables.mjs
import { writeFileSync } from 'node:fs';

const folder = 'src/test/resources/dev/unifiedstorage/jvm/json/';

// A small generator with a fixed seed, so that the tables are the same on every run.
let state = 0x9e3779b97f4a7c15n;
function random64() {
  state ^= (state << 13n) & 0xffffffffffffffffn;
  state ^= state >> 7n;
  state ^= (state << 17n) & 0xffffffffffffffffn;
  return state;
}

const view = new DataView(new ArrayBuffer(8));
function fromBits(bits) {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}
function toBits(number) {
  view.setFloat64(0, number);
  return view.getBigUint64(0);
}

// biome-ignore format: many cases a line
const numbers = [
  0, -0, 1, -1, 10, 100, 0.1, 0.2, 0.1 + 0.2, 1.5, -1.5, 123456789, 1e20, 1e21, 1.5e21, 123e19, 1e22, 1e23,
  9.999999999999999e22, 1e-5, 1e-6, 1e-7, 1.5e-7, 123e-8, 5e-324, 1e-323, 1.5e-323, 2.2250738585072014e-308,
  2.225073858507201e-308, 1.7976931348623157e308, 2 ** 53, 2 ** 53 + 2, 2 ** 53 - 1, -(2 ** 53), 2 ** 63, 2 ** 64,
  2e-3, 4.35, 4.349999999999999, 1e300, 1e-300, 1.1e-44, 2 ** -44, 2 ** -1074, 3e-324, 100000000000000000000,
  999999999999999900000, 1000000000000000128, 0.000001, 0.0000012345, 12345.678, 1769860800000.5, 8.41e21,
  2.0e-3, 9007199254740993, 4.5e15, 33333333.333333332, 0.3333333333333333, 2 / 3, Math.PI, Math.E, 1 / 0, -1 / 0,
]
for (let exponent = -330; exponent <= 310; exponent += 1) numbers.push(Number(`1e${exponent}`));
for (let exponent = -1074; exponent <= 1023; exponent += 3) numbers.push(2 ** exponent);
for (let i = 0; i < 1500; i++) {
  const number = fromBits(random64());
  if (Number.isFinite(number)) numbers.push(number);
}
for (let i = 0; i < 500; i++) numbers.push(Number(random64() % 10000000n) / 1000);
for (let i = 0; i < 500; i++) numbers.push(Number(random64() >> 11n) / 2 ** 53);
for (let i = 0; i < 200; i++) numbers.push(fromBits(random64() >> 12n));
writeFileSync(
  `${folder}numbers.txt`,
  numbers.map((n) => `${toBits(n).toString(16).padStart(16, '0')} ${JSON.stringify(n)}\n`).join(''),
);

// biome-ignore format: many cases a line
const texts = [
  '{}', ' {} ', '\t\n\r {"a"\n:\t1\r}', '{"a":1}', '{"a":1,}', '{,}', '{"a"}', '{"a":}', '{"a" 1}', "{'a':1}", '{a:1}',
  '{"a":1 "b":2}', '{"a":1,"b":2}', '{"a":1}x', '{"a":1}{}', '{', '}', '', ' ', '[', ']', '[1', '[1,', '[1,]', '[,1]',
  '{"a":[]}', '{"a":[ ]}', '{"a":[1,2,[3]]}', '{"a":[1,2}', '{"a":{"b":1]}', '{"a":tru}', '{"a":true}', '{"a":false}',
  '{"a":null}', '{"a":nul}', '{"a":nulll}', '{"a":True}', '{"a":undefined}', '{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}',
  '{"a":0}', '{"a":-0}', '{"a":00}', '{"a":01}', '{"a":-01}', '{"a":+1}', '{"a":.5}', '{"a":5.}', '{"a":0.5}', '{"a":-}',
  '{"a":1e5}', '{"a":1E5}', '{"a":1e+5}', '{"a":1e-5}', '{"a":1e}', '{"a":1e+}', '{"a":1.e5}', '{"a":0e0}', '{"a":0x10}',
  '{"a":1_000}', '{"a":1e999}', '{"a":-1e999}', '{"a":1e-999}', '{"a":12345678901234567890}', '{"a":0.1e1}', '{"a":1 2}',
  '{"a":123456789012345678901234567890123456789012345678901234567890}', '{"a":1.0}', '{"a":100e-2}', '{"a":- 1}',
  '{"a":"x"}', '{"a":"}', '{"a":"\\"}', '{"a":"\\""}', '{"a":"\\\\"}', '{"a":"\\/"}', '{"a":"\\b\\f\\n\\r\\t"}', '{"a":"\\x41"}',
  '{"a":"\\u0041"}', '{"a":"\\u004"}', '{"a":"\\u00G1"}', '{"a":"\\U0041"}', '{"a":"\\u00e9\\u00E9"}', '{"a":"\\u2028\\u2029"}',
  '{"a":"\\ud83d\\ude00"}', '{"a":"\\ud83d"}', '{"a":"\\ude00"}', '{"a":"\\ud83dx"}', '{"a":"\\ud83d\\ud83d\\ude00"}',
  '{"a":"\\ude00\\ud83d"}', '{"a":"😀"}', '{"a":"\\ud83d\\n"}', '{"\\ud83d":1}', '{"a":"é\\ud83d\\u0041"}', '{"a":"\\\\ud83d"}',
  '{"a":"\u0000"}', '{"a":"\n"}', '{"a":"\t"}', '{"a":"\u001f"}', '{"a":"\u007f"}', '{"a":"\u0080"}', '{"a":"\u2028"}',
  '{"a":"\\u0000\\u001f\\u007f"}', '{"a":"\\\n"}', '{"a":"é"}', '{"é":"ü"}', '{"a":"\ufffd"}', '{"a":"\ufeff"}', '\ufeff{}', '\u00a0{}',
  '{\u00a0}', '{"a":1\u000b}', '{"a":1}\u0000', '// c\n{}', '{/* c */}', '#', '{"a":1,"a":2}', '{"a":1,"b":2,"a":3}', '{"":1}', '{"":{"":""}}',
  '{"__proto__":1}', '{"__proto__":{"a":1},"constructor":2,"toString":3}', '{"a":{"__proto__":null}}', '{"hasOwnProperty":"x"}',
  '1', '"a"', 'null', 'true', '[]', '[1,2]', '{"a":"b","c":[true,false,null,1.5,"x",{"d":[]}]}', '{"a":"<script>&\'"}', '{"a" : "b" , "c" : "d" }',
  '{"a":[[[[[[]]]]]]}', '{"a":[{}]}', '{"a":[{},]}', '{"a":{},}', '{"a":[1 2]}', '{"a":"x" "y"}', '{"a":"x"y}', '{1:2}', '{null:1}', '{"a":1;}',
  '{"a":"\\ud83d\ude00"}', '{"a":"\ud83d"}', '{"a":"\ude00x"}', '{"\ud83dk":"é\ud83d"}', '{"a":"x\ud83d\\ude00"}', '{"a":"\\u00', '{"a":"\\u', '{"a":tr',
  '{"a":-', '{"a":1.', '{"a":1e', '{"a":"abc', '{"a', '{"a"', '{"a":', '{"a":1,', '{"a":[1,2', '{"a":"\\uD83D\\uDE00"}',
]
const units = (text) =>
  [...Array(text.length)].map((_, i) => text.charCodeAt(i).toString(16).padStart(4, '0')).join('');
writeFileSync(
  `${folder}texts.txt`,
  texts
    .map((text) => {
      let result;
      try {
        const value = JSON.parse(text);
        const object = value !== null && typeof value === 'object' && !Array.isArray(value);
        result = object ? `object ${units(JSON.stringify(value))}` : 'other';
      } catch {
        result = 'error';
      }
      return `${units(text) || '-'} ${result}\n`;
    })
    .join(''),
);
