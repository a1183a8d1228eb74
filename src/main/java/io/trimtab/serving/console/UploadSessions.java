package io.trimtab.serving.console;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import jakarta.inject.Singleton;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The uploads that are under way from pages. One that the service has ended stays for its page to
 * hear why, until its place is wanted. Any thread; the monitor guards the map.
 */
@Singleton
class UploadSessions {
  /** Every one holds a call to the service, which has a bound of its own. */
  static final int SESSIONS_MAX = 32;

  private final Map<String, UploadSession> sessions = new LinkedHashMap<>();

  /**
   * Begins one and names it.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED where as many are under way as may
   */
  String add(Supplier<UploadSession> begin) {
    String id = UUID.randomUUID().toString();
    synchronized (this) {
      makeRoom();
      sessions.put(id, begin.get());
    }
    return id;
  }

  private void makeRoom() {
    Iterator<UploadSession> oldest = sessions.values().iterator();
    while (sessions.size() >= SESSIONS_MAX && oldest.hasNext()) {
      if (oldest.next().over()) {
        oldest.remove();
      }
    }
    if (sessions.size() >= SESSIONS_MAX) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "%d uploads are under way, expected under %d; try again later"
              .formatted(sessions.size(), SESSIONS_MAX));
    }
  }

  /**
   * One of a tenant's.
   *
   * @throws TrimtabException NOT_FOUND
   */
  synchronized UploadSession get(String tenant, String id) {
    UploadSession session = sessions.get(id);
    if (session == null || !session.tenant().equals(tenant)) {
      throw new TrimtabException(
          ErrorCode.NOT_FOUND, "There is no upload %s under way".formatted(Quoted.of(id)));
    }
    return session;
  }

  /** The same, which is no longer one of these. */
  synchronized UploadSession remove(String tenant, String id) {
    UploadSession session = get(tenant, id);
    sessions.remove(id);
    return session;
  }
}
