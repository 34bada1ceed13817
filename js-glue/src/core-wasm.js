import bytes from '../core/core.bin';
import { functions } from '../core/functions.js';
import { instantiate } from './wasm-runtime.js';

// A module imported as WebAssembly would be compiled without the string builtins the core needs.
const module = new WebAssembly.Module(bytes, { builtins: ['js-string'] });

export const { closeAnswer, enter, open, openDirectory, openSurvey, unavailable, varProblem } = instantiate(
  module,
  functions,
);
