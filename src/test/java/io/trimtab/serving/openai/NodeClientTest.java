package io.trimtab.serving.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.trimtab.model.text.Picture;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.NodeScript;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** OpenAI's client for Node, as it is, against the running server with the bundled model. */
@QuarkusTest
class NodeClientTest {
  private static final Picture PICTURE = DrawnPictures.png(0x3366cc);

  @TestHTTPResource("/")
  URI server;

  @Test
  void chatStreamsLogprobsSchemasModelsAndErrorsAreAsTheClientTakesThem() throws Exception {
    String said =
        NodeScript.run("chat.mjs", server.resolve("v1").toString(), RawHttp.dataUrl(PICTURE));

    String answer =
        new RawHttp(server)
            .post(
                RawHttp.CHAT,
                """
                {"model": "base", "temperature": 0, "max_tokens": 24, "messages": [
                  {"role": "user", "content": [
                    {"type": "image_url", "image_url": {"url": "%s"}},
                    {"type": "text", "text": "What color is the circle?"}]}]}
                """
                    .formatted(RawHttp.dataUrl(PICTURE)))
            .body();
    assertThat(said)
        .isEqualTo(
            new ObjectMapper().readTree(answer).at("/choices/0/message/content").textValue());
  }
}
