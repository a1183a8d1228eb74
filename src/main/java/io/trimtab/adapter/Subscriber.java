package io.trimtab.adapter;

import io.trimtab.error.TrimtabException;

/**
 * Who is told of a tenant's events, one call at a time, in their order: of changes, in that of the
 * versions of each adapter. It may block; it is dropped when it falls too far behind.
 */
public interface Subscriber<E> {
  void changed(E event);

  /** Nothing more comes. Not called after {@link Subscription#close}. */
  void ended(TrimtabException reason);
}
