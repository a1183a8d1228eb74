package io.trimtab.cli.demo;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.Image;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.Sampling;
import io.trimtab.world.Drawing;
import io.trimtab.world.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/** Pictures of the world, each with the first of its questions, put to a server. */
record DemoEvaluation(List<Drawing> drawings) {
  private static final int IN_FLIGHT = 8;
  private static final int TOKENS_MAX = 32;

  DemoEvaluation {
    drawings = List.copyOf(drawings);
  }

  Question question(int number) {
    return drawings.get(number).questions().getFirst();
  }

  /** The answers, in order, of an adapter or of {@code base}. */
  List<String> answers(RemoteServer server, String adapter) throws InterruptedException {
    Semaphore room = new Semaphore(IN_FLIGHT);
    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (int i = 0; i < drawings.size(); i++) {
      GenerateRequest request =
          GenerateRequest.newBuilder()
              .setAdapter(adapter)
              .addMessages(message(drawings.get(i).png(), question(i).text()))
              .setSampling(Sampling.newBuilder().setMaxTokens(TOKENS_MAX))
              .build();
      room.acquire();
      CompletableFuture<String> answer = new CompletableFuture<>();
      answers.add(answer);
      server
          .stub(InferenceGrpc::newStub)
          .complete(
              request,
              new StreamObserver<>() {
                @Override
                public void onNext(GenerateResponse response) {
                  answer.complete(response.getText().strip());
                }

                @Override
                public void onError(Throwable failure) {
                  room.release();
                  answer.completeExceptionally(failure);
                }

                @Override
                public void onCompleted() {
                  room.release();
                }
              });
    }
    return answers.stream().map(CompletableFuture::join).toList();
  }

  static Message message(byte[] png, String question) {
    return Message.newBuilder()
        .setRole("user")
        .addParts(Part.newBuilder().setImage(Image.newBuilder().setData(ByteString.copyFrom(png))))
        .addParts(Part.newBuilder().setText(question))
        .build();
  }

  /** Percent of the answers that are exactly right. */
  double exactMatch(List<String> answers) {
    int right = 0;
    for (int i = 0; i < answers.size(); i++) {
      right += answers.get(i).equals(question(i).answer()) ? 1 : 0;
    }
    return 100.0 * right / answers.size();
  }
}
