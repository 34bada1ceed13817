export { MyDO } from './my-do.ts';

/** Every path is one object of the example's class. */
export default {
  fetch: (request, env) => env.MY_DO.getByName(new URL(request.url).pathname).fetch(request),
};
