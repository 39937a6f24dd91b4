"""What people write in front of a question and of its answer, in their languages: parts of expressions."""

QUESTION = (
    r"(?:question|ques|вопрос|питання|pregunta|pergunta|domanda|frage|问|問|질문)"  # “Question: What is it?”
)
NUMBERED = rf"(?:{QUESTION}|quiz|q|问题|問題|题目|題目|문제)"  # “Question 7”; alone some say “problem”, too
ANSWER = (
    r"(?:answer|ans|ответ|відповідь|respuesta|resposta|risposta|réponse|antwort|答案|回答|解答|答え|答|정답"
    r"|답변|답)"
)
SOLUTION = r"(?:solution|solución|solução|soluzione|lösung|решение|解析|参考答案)"
SHOW = (  # on what opens by a click
    r"(?:show|hide|view|see|reveal|toggle|expand|check|read|open|get|показать|посмотреть|открыть|ver|mostrar|"
    r"mostra|voir|afficher|anzeigen|zeige|查看|点击查看|展开|显示)"
)
COLON = "[:：]"
