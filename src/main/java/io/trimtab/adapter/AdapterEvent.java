package io.trimtab.adapter;

/**
 * One change of one adapter, for who watches.
 *
 * @param snapshot the adapter after it
 * @param change the same as the snapshot's
 */
public record AdapterEvent(AdapterSnapshot snapshot, AdapterSnapshot.Change change) {
  static AdapterEvent of(AdapterSnapshot snapshot) {
    return new AdapterEvent(snapshot, snapshot.change());
  }
}
