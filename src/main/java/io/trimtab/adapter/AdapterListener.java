package io.trimtab.adapter;

import io.trimtab.error.TrimtabException;

/**
 * Who is told of a tenant's changes, one call at a time, in the order of the versions of each
 * adapter. It may block; it is dropped when it falls too far behind.
 */
public interface AdapterListener {
  void changed(AdapterEvent event);

  /** Nothing more comes. Not called after {@link AdapterSubscription#close}. */
  void ended(TrimtabException reason);
}
