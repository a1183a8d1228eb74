package io.trimtab.app;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.List;

@QuarkusTest
@TestProfile(GrpcParityLlavaOnevisionTest.Served.class)
class GrpcParityLlavaOnevisionTest extends GrpcParity {
  private static final String CHECKPOINT = "reference/llava-onevision";

  GrpcParityLlavaOnevisionTest() {
    super(CHECKPOINT, List.of("sa-proj", "gate-up-rslora", "projector"));
  }

  /** Quarkus makes profiles without arguments. */
  public static final class Served extends Profile {
    public Served() {
      super(CHECKPOINT);
    }
  }
}
