/**
 * Where blocks are shown, and what their controls do there.
 * A surface is {key, values, known, errors, names(), people(), channels(), act(element, block, value),
 * suggest(element, block, query)}: `values` holds what the person chose or typed, by block and action id,
 * and survives a redraw; `known` holds options the app suggested; `errors` sentences by block id.
 */

import * as api from './api.js';
import { inputValues } from './elements/values.js';
import { namesOf } from './store.js';

export function createSurfaces(store, session) {
  const memory = new Map();

  /** `address` says which message or view; `send` delivers an action there. */
  function surface(key, address, send) {
    const kept = memory.get(key) ?? { values: new Map(), known: new Map(), errors: new Map() };
    memory.set(key, kept);
    const named = ({ action_id }, { block_id }) => ({ ...address, action_id, block_id });
    return {
      key: key.replace(/\W+/g, '-'),
      ...kept,
      names: () => namesOf(store),
      people: () => store.get().users.filter(({ deactivated }) => !deactivated),
      channels: () => store.get().channels.filter((channel) => !channel.is_im),
      act: (element, block, selected) =>
        session.interact((where) => send({ ...where, ...named(element, block), selected })),
      suggest: (element, block, query) =>
        session.ask((where) => api.suggest({ ...where, ...named(element, block), value: query })),
    };
  }

  return {
    message({ ts, channel }) {
      return surface(`m/${store.get().me?.id}/${ts}`, { ts, channel }, api.action);
    },

    /** The other inputs of a view go along, as the app may look at them. */
    view(view) {
      const here = surface(`v/${view.id}`, { view_id: view.id }, (body) =>
        api.viewAction({ ...body, values: inputValues(view, here) }));
      return here;
    },
  };
}
