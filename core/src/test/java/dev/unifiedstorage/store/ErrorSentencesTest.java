package dev.unifiedstorage.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unifiedstorage.fixture.TestStore;
import dev.unifiedstorage.port.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a wrong request is answered: which value is wrong, what it must be, and what it is. */
final class ErrorSentencesTest {
  private final TestStore store = new TestStore();

  @BeforeEach
  void start() {
    store.start();
    store.ask("{'type':'create','id':1,'$type':'T','data':{'$id':'a','s':'x'}}");
  }

  @AfterEach
  void close() {
    store.close();
  }

  private String error(String message) {
    JsonObject reply = store.socket().ask(message);
    assertEquals("error", reply.string("status"), store.print(reply));
    return reply.string("error");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "'type':'read','$ids':['a','b','c',3];$ids[3] must be a string, got 3",
        "'type':'read','$ids':'a';$ids must be an array of strings, got \"a\"",
        "'type':'read';$ids must be an array of strings, got nothing",
        "'type':'create','$type':'';$type must be a string of 1 to 256 characters, got \"\"",
        "'type':'create','$type':'T','data':{'$id':null};"
            + "data.$id must be a string of 1 to 256 characters or absent, got null",
        "'type':'create','$type':'T','data':[];data must be an object, got an array",
        "'type':'update','$id':'a','data':{},'ifVersion':1.5;"
            + "ifVersion must be a whole number or absent, got 1.5",
        "'type':'update','$id':'a','data':{},'expiresInMs':0;"
            + "expiresInMs must be a whole number from 1 to 10000000000000, null or absent, got 0",
        "'type':'update','$id':'a','unset':['x',{}];unset[1] must be a string, got an object",
        "'type':'update','$id':'a','increment':{'x':true};increment.x must be a number, got true",
        "'type':'update','$id':'a','increment':{'s':1};"
            + "s must be a number to be incremented, got another value",
        "'type':'update','$id':'a','patch':[3];patch[0] must be an object, got 3",
        "'type':'update','$id':'a','patch':[{'op':'grow'}];"
            + "patch[0].op must be add, remove, replace, move, copy or test, got \"grow\"",
        "'type':'update','$id':'a','patch':[{'op':'remove','path':'x'}];"
            + "patch[0].path must be a JSON pointer, got \"x\"",
        "'type':'update','$id':'a','patch':[{'op':'remove','path':'/x'}];"
            + "operation 0 of the patch failed: there is no value at /x",
        "'type':'update','$id':'a','patch':[{'op':'test','path':'/s','value':1}];"
            + "operation 0 of the patch failed: the value at /s must be that of the test, got another"
            + " value",
        "'type':'update','$id':'b','data':{};there is no thing with $id b",
        "'type':'batch','operations':{};operations must be an array, got an object",
        "'type':'batch','operations':[],'atomic':1;atomic must be true, false or absent, got 1",
        "'type':'query','$type':'T','limit':0;"
            + "limit must be a whole number from 1 to 1000 or absent, got 0",
        "'type':'query','$type':'T','select':[1];select[0] must be a string, got 1",
        "'type':'query','$type':'T','where':{'n':{'$exists':1}};"
            + "where.n.$exists must be true or false, got 1",
        "'type':'query','$type':'T','where':{'n':{'$near':1}};"
            + "where.n.$near must be a field or a known operator, got $near",
        "'type':'subscribe','sub':'s','$type':'T','since':1;"
            + "since must be the at of a message with more:false, or absent, got 1"
      })
  void aWrongRequestIsToldWhichValueMustBeWhat(String members, String sentence) {
    assertEquals(sentence, error("{'id':1," + members + "}"));
  }

  @Test
  void whatIsLongIsCountedAndNotRepeated() {
    assertEquals(
        "$id must be a string of 1 to 256 characters, got a string of 300 characters",
        error("{'type':'delete','id':1,'$id':'" + "x".repeat(300) + "'}"));
  }

  @Test
  void theNameOfASessionIsASecretAndNotRepeated() {
    assertEquals(
        "session must be a string of 1 to 64 printable ASCII characters, got a string of 2"
            + " characters",
        error("{'type':'hello','id':1,'session':'ä1','next':1}"));
  }
}
