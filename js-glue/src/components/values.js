/** A caller's function as the core calls it: what it throws is the caller's, and ends in the log. */
export function receiver(callback, of = (value) => value) {
  return (value) => {
    try {
      callback?.(of(value));
    } catch (e) {
      console.error(e);
    }
  };
}

/** The error of a value that is not what it must be, such as `sql must have exec(), got undefined`. */
export function mismatch(name, must, value) {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  return new TypeError(`${name} must ${must}, got ${got}`);
}

/** @returns {object} what was given, when it is an object that can be JSON */
export function objectOf(value, what) {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw mismatch(what, 'be an object', value);
}

/** What was given of some options, over their defaults; undefined counts as not given. */
export function withDefaults(defaults, given) {
  const options = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (name in defaults && value !== undefined) options[name] = value;
  }
  return options;
}

/**
 * A promise of something that ends with null or with an error's text.
 *
 * @param {(ended: import('../core.js').Ending) => void} start
 * @returns {Promise<void>}
 */
export function ending(start) {
  return new Promise((resolve, reject) => {
    start((error) => (error === null ? resolve() : reject(new Error(error))));
  });
}

/** A promise of a call, with what the call throws as its rejection. */
export function result(call) {
  return new Promise((resolve) => resolve(call()));
}
