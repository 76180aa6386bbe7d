(function(){
// The page looks again by itself when the other phone has asked or answered.
var at=document.getElementById('link'),ask=at&&at.getAttribute('data-ask'),state=at&&at.getAttribute('data-state'),typed=document.getElementById('code');
function look(){
var x=new XMLHttpRequest();
x.open('GET','/link/state'+(ask?'?ask='+encodeURIComponent(ask):''));
x.onload=function(){
var now;
try{now=JSON.parse(x.responseText).state}catch(e){return}
if(x.status===200&&now!==state&&!(typed&&typed.value&&!now))location.replace('/link'+(ask?'?ask='+encodeURIComponent(ask):''));
};
x.send();
}
if(at)setInterval(function(){if(!document.hidden)look()},2000);
})();
