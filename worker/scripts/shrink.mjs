// Makes the compiled JavaScript small, beyond what a minifier sees in it.

import { transformSync } from 'esbuild';

const CLASS =
  /^function ([\w$]+)\(\) \{\n(?: +let a = this; ([\w$]+)\.call\(a\);\n| +([\w$]+)\.call\(this\);\n)?((?: +(?:a|this)\.\$[\w$]+ = \S+;\n)*)\}/gm;
const CLASS_WITHOUT_FIELDS = /^(?:let )?([\w$]+) = \$rt_classWithoutFields\(([\w$]*)\)/gm;
const OBJECT = /^(function jl_Object\(\) \{)\n +this\.\$id\$ = 0;\n\}/m;
// TeaVM breaks long lines, between a name and its function too.
const METHOD = /"(\$\w+)"(?=,\s+\$rt_wrapFunction)/g;

/** Of TeaVM's runtime, which also has them as texts; and of things, which others read. */
const RESERVED = /^\$(clinit|id\$|jsException|rt_.*|id|ids|type|version|createdAt|updatedAt)$/;

/**
 * Shortens names of fields and methods in what TeaVM makes when it does not minify, and minifies it.
 *
 * TeaVM gives each field a name of its own. Here the first field of every class has the same name,
 * the second too, and so on: names that repeat cost next to nothing when compressed, and of a bundle
 * of 230 KB these were 6 KB gzip of 84.
 *
 * It also makes every object with a field for its identity's hash, which hardly any is asked for:
 * here the first to ask sets it, and a store of 100,000 things is 400 KB smaller.
 */
export function shrink(source) {
  const names = fieldNames(source);
  if (!OBJECT.test(source)) throw new Error('expected the class Object with one field, $id$');
  const slim = source.replace(OBJECT, '$1}').replaceAll(/ jl_Object\.call\(\w+\);/g, '');
  const marked = slim.replace(METHOD, '/* @__KEY__ */ $&');
  const { code, mangleCache } = transformSync(marked, {
    format: 'esm',
    target: 'es2024',
    minify: true,
    mangleProps: /^\$\w/,
    reserveProps: RESERVED,
    mangleCache: names,
  });
  const taken = new Set(Object.values(names));
  for (const [from, to] of Object.entries(mangleCache)) {
    if (!(from in names) && taken.has(to)) throw new Error(`${from} and a field are both called ${to}`);
  }
  return code;
}

/** For each field its number among those of its class, the inherited ones first, as a name. */
function fieldNames(source) {
  const classes = new Map();
  for (const [, name, parent, other, body] of source.matchAll(CLASS)) {
    const fields = [...body.matchAll(/\.(\$[\w$]+) = /g)].map(([, field]) => field);
    classes.set(name, { parent: parent ?? other, fields });
  }
  for (const [, name, parent] of source.matchAll(CLASS_WITHOUT_FIELDS)) {
    classes.set(name, { parent: parent === '0' ? undefined : parent || 'jl_Object', fields: [] });
  }
  const end = (name) => (name ? end(classes.get(name).parent) + classes.get(name).fields.length : 0);
  const names = {};
  for (const { parent, fields } of classes.values()) {
    let at = end(parent);
    for (const field of fields) {
      if (field in names) throw new Error(`two classes have a field ${field}`);
      if (!RESERVED.test(field)) names[field] = short(at);
      at++;
    }
  }
  return names;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

function short(index) {
  return index < LETTERS.length ? LETTERS[index] : `$${LETTERS[index - LETTERS.length]}`;
}
