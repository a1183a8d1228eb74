package io.trimtab.serving.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.trimtab.serving.http.HttpCaller;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestStreamElementType;

/**
 * What a page listens to: each second, the server's figures and what of the tenant's has changed. A
 * message is made when the page can take one, so nothing is held for a page that is slow: it is
 * told less often, and never of what was.
 */
@Path("/console/api")
public class FeedResource {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Logger LOG = Logger.getLogger(FeedResource.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final News news;
  private final OpenStreams streams;
  private final HttpCaller caller;
  private final Executor looking = Thread::startVirtualThread;

  @Inject
  FeedResource(News news, OpenStreams streams, HttpCaller caller) {
    this.news = news;
    this.streams = streams;
    this.caller = caller;
  }

  /** Whose page it is. */
  public record Session(String tenant) {}

  /** The tenant that the credential stands for. */
  @GET
  @Path("session")
  @Produces(MediaType.APPLICATION_JSON)
  public Session session() {
    return new Session(caller.tenant());
  }

  /** Goes on until the page leaves. */
  @GET
  @Path("feed")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @RestStreamElementType(MediaType.TEXT_PLAIN)
  public Multi<String> feed() {
    String tenant = caller.tenant();
    Runnable leave = streams.enter(tenant);
    return Multi.createBy()
        .repeating()
        .uni(() -> Uni.createFrom().item(() -> write(news.of(tenant))).runSubscriptionOn(looking))
        .withDelay(PAUSE)
        .indefinitely()
        .onFailure()
        .invoke(failure -> LOG.warnf("A page's feed ends: %s", failure))
        .onTermination()
        .invoke(leave::run);
  }

  private static String write(News.Message message) {
    try {
      return JSON.writeValueAsString(message);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A record of figures can't be written", e);
    }
  }
}
