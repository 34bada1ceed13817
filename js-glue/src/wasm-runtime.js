/**
 * The JavaScript half of TeaVM's WebAssembly runtime, without eval.
 *
 * TeaVM's own makes functions from text and looks up globals through `new Function`, which Workers
 * refuse. Here the texts were made functions when the core was built (core/functions.js), and
 * globals are properties of globalThis. Only what the core imports is here: a missing import fails
 * the instantiation, which happens at module scope, so in the first test.
 */

const javaException = Symbol('javaException');
const javaObject = Symbol('javaObject');
const methodsAsFunctions = Symbol('methodsAsFunctions');
const functionOrigin = Symbol('functionOrigin');
const fromJava = Symbol('fromJava');

/** The key under which core/functions.js has the function with these parameters and this body. */
export function functionKey(params, body) {
  return `${params.join(',')}|${body}`;
}

/**
 * Starts a module that was compiled with the js-string builtins.
 *
 * @param functions functions by key; each takes, before its own parameters, one that calls a
 *     function and turns what it throws into a Java exception
 * @returns what Java exports
 */
export function instantiate(module, functions) {
  const java = { exports: undefined };
  const memory = memoryFor(module);
  /** @type {Record<string, any>} */
  const imports = {
    env: { memory: memory.memory },
    teavmMemory: {
      linearMemory: () => memory.memory.buffer,
      notifyHeapResized() {},
      heapOffset: new WebAssembly.Global({ value: 'i32', mutable: false }, memory.heapOffset),
      maxSize: new WebAssembly.Global({ value: 'i32', mutable: false }, memory.maxSize),
    },
    teavm: {
      takeStackTrace: () => ({ getStack: () => [] }),
      decorateException: (exception) => void new JavaError(java, exception),
    },
    teavmDate: { currentTimeMillis: () => Date.now() },
    teavmMath: Math,
    teavmJso: { ...interop(java), ...calls(java, functions) },
  };
  const { exports } = new WebAssembly.Instance(module, imports);
  java.exports = exports;
  const exported = {};
  for (const [name, value] of Object.entries(exports)) {
    if (value instanceof WebAssembly.Global) exported[name] = value.value;
  }
  return exported;
}

function memoryFor(module) {
  const [section] = WebAssembly.Module.customSections(module, 'teavm.memoryRequirements');
  const { dataSize = 0, min = 1 } = JSON.parse(new TextDecoder().decode(section));
  const maxSize = 2 ** 31 - 1;
  return {
    memory: new WebAssembly.Memory({ initial: Math.max(min, 1), maximum: 2 ** 15 }),
    heapOffset: (dataSize + 7) & ~7,
    maxSize,
  };
}

/** A Java exception as JavaScript sees it. */
class JavaError extends Error {
  #java;

  constructor(java, exception) {
    super();
    this.#java = java;
    this[javaException] = exception;
    java.exports['teavm.setJsException'](exception, this);
  }

  get message() {
    const { exports } = this.#java;
    const message = exports['teavm.exceptionMessage'](this[javaException]);
    return message === null ? '' : exports['teavm.stringToJs'](message);
  }
}

/** Throws in Java what was thrown in JavaScript. */
function throwInJava(java, e) {
  const known = typeof e === 'object' && e !== null && javaException in e;
  const exception = known ? e[javaException] : java.exports['teavm.js.wrapException'](e);
  java.exports['teavm.js.throwException'](exception);
}

/** Throws in JavaScript what was thrown in Java. */
function throwInJs(java, e) {
  const { exports } = java;
  if (!(e instanceof WebAssembly.Exception) || !e.is(exports['teavm.javaException'])) throw e;
  const exception = e.getArg(exports['teavm.javaException'], 0);
  throw (
    exports['teavm.js.extractException'](exception) ??
    exports['teavm.getJsException'](exception) ??
    new JavaError(java, exception)
  );
}

/** Classes, objects and values that cross the border. */
function interop(java) {
  const wrappers = new WeakMap();
  const javaWrappers = new WeakMap();
  const guard = (call) => {
    try {
      return call();
    } catch (e) {
      return throwInJs(java, e);
    }
  };
  const identity = (value) => value;
  const setProperty = (object, name, value) => void ((object ?? globalThis)[name] = value);
  return {
    stringBuiltinsSupported: () => 1,
    isUndefined: (value) => (value === undefined ? 1 : 0),
    isPrimitive: (value, type) => (typeof value === type || value === null ? 1 : 0),
    instanceOf: (value, type) => (value instanceof type ? 1 : 0),
    instanceOfOrNull: (value, type) => (value === null || value instanceof type ? 1 : 0),
    sameRef: (a, b) => (a === b ? 1 : 0),
    wrapBoolean: Boolean,
    unwrapBoolean: (value) => (value ? 1 : 0),
    wrapInt: identity,
    unwrapInt: identity,
    wrapDouble: identity,
    unwrapDouble: identity,
    emptyArray: () => [],
    appendToArray: (array, value) => void array.push(value),
    global: (name) => globalThis[name],
    getProperty: (object, name) => (object ?? globalThis)[name],
    setProperty,
    setPropertyPure: setProperty,
    getJavaException: (e) => e[javaException],
    getJSException: (e) => java.exports['teavm.getJsException'](e),

    createClass(name, parent) {
      /** @this {any} */
      const cls = function (marker, instance) {
        if (marker !== fromJava) throw new Error(`${name} is made in Java only`);
        this[javaObject] = instance;
        this[methodsAsFunctions] = null;
      };
      cls.prototype = Object.create(parent ? parent.prototype : Object.prototype);
      cls.prototype.constructor = cls;
      return cls;
    },
    exportClass: identity,
    defineMethod(cls, name, fn) {
      // One too many would be left out without a word.
      if (fn.length > 7) throw new Error(`${name} takes ${fn.length - 1} arguments, 6 are passed`);
      cls.prototype[name] = function (a, b, c, d, e, f) {
        try {
          switch (fn.length) {
            case 1:
              return fn(this);
            case 2:
              return fn(this, a);
            case 3:
              return fn(this, a, b);
            case 4:
              return fn(this, a, b, c);
            case 5:
              return fn(this, a, b, c, d);
            case 6:
              return fn(this, a, b, c, d, e);
            default:
              return fn(this, a, b, c, d, e, f);
          }
        } catch (error) {
          return throwInJs(java, error);
        }
      };
    },
    defineStaticMethod(cls, name, fn) {
      cls[name] = (...args) => guard(() => fn(...args));
    },
    defineFunction:
      (fn) =>
      (...args) =>
        guard(() => fn(...args)),
    javaObjectToJS(instance, cls) {
      if (instance === null) return null;
      let wrapper = wrappers.get(instance)?.deref();
      if (wrapper === undefined) {
        wrapper = new cls(fromJava, instance);
        wrappers.set(instance, new WeakRef(wrapper));
      }
      return wrapper;
    },
    unwrapJavaObject: (wrapper) => wrapper[javaObject],
    wrapObject(value) {
      if (value === null) return null;
      if (typeof value !== 'object' && typeof value !== 'function') {
        return java.exports['teavm.jso.createWrapper'](value);
      }
      let wrapper = value[javaObject] ?? javaWrappers.get(value)?.deref();
      if (wrapper === undefined) {
        wrapper = java.exports['teavm.jso.createWrapper'](value);
        javaWrappers.set(value, new WeakRef(wrapper));
      }
      return wrapper;
    },
    asFunction(instance, name) {
      if (instance === null || instance === undefined) return null;
      const functions = (instance[methodsAsFunctions] ??= Object.create(null));
      if (!functions[name]) {
        functions[name] = (...args) => instance[name](...args);
        functions[name][functionOrigin] = instance;
      }
      return functions[name];
    },
    functionAsObject(fn, name) {
      if (fn === null || fn === undefined) return null;
      const origin = fn[functionOrigin];
      return origin?.[methodsAsFunctions][name] === fn ? origin : { [name]: fn };
    },
  };
}

/** The most that any function the core calls takes: the members of a record. */
const MAX_ARGUMENTS = 16;

/** Calls from Java, one function for each number of arguments, because they are on every path. */
function calls(java, functions) {
  const wrapCall = (call) => {
    try {
      return call();
    } catch (e) {
      return throwInJava(java, e);
    }
  };
  const callFunctions = [
    (f) => wrapCall(() => f()),
    (f, a) => {
      try {
        return f(a);
      } catch (e) {
        return throwInJava(java, e);
      }
    },
    (f, a, b) => {
      try {
        return f(a, b);
      } catch (e) {
        return throwInJava(java, e);
      }
    },
    (f, a, b, c) => {
      try {
        return f(a, b, c);
      } catch (e) {
        return throwInJava(java, e);
      }
    },
  ];
  const callFunction = (f, ...args) => {
    try {
      return f(...args);
    } catch (e) {
      return throwInJava(java, e);
    }
  };
  const imports = {};
  for (let count = 0; count <= MAX_ARGUMENTS; count++) {
    imports[`createFunction${count}`] = (...paramsAndBody) => {
      const body = paramsAndBody.pop();
      const made = functions[functionKey(paramsAndBody, body)];
      if (!made) throw new Error(`core/functions.js is not of this build: it lacks ${body}`);
      return made(wrapCall);
    };
    imports[`bindFunction${count}`] = (f, ...args) => f.bind(null, ...args);
    imports[`callFunction${count}`] = callFunctions[count] ?? callFunction;
    imports[`callMethod${count}`] = (instance, name, ...args) =>
      wrapCall(() => (instance ?? globalThis)[name](...args));
    imports[`construct${count}`] = (cls, ...args) => wrapCall(() => new cls(...args));
    imports[`arrayOf${count}`] = (...args) => args;
  }
  return imports;
}
