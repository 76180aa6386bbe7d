(function(){
var d=document,w=window,b=d.body,f=d.forms,i,tap=null,due=null,timer=0,off=null,heard=new Date(),key='kept:'+location.pathname,store=null;
try{store=w.sessionStorage}catch(e){}
function tell(){if(off)return;off=d.createElement('div');off.id='off';off.setAttribute('role','status');off.appendChild(d.createTextNode(b.getAttribute('data-off')));
var p=d.createElement('p');p.appendChild(d.createTextNode(b.getAttribute('data-off-do')));off.appendChild(p);b.appendChild(off)}
function hush(){if(off)b.removeChild(off);off=null}
// Asked before anything is sent: what cannot be sent stays on the page with all that was typed, and goes by itself later.
function ping(yes,no){var x=new XMLHttpRequest();x.open('GET','/wallet/code/now?'+new Date().getTime());x.timeout=5000;x.onload=function(){if(x.status&&x.status<500)yes();else no()};x.onerror=x.ontimeout=no;x.send()}
function attempt(){clearTimeout(timer);if(!due)return;ping(function(){var go=due;heard=new Date();due=null;hush();if(go)go()},function(){tell();clearTimeout(timer);timer=setTimeout(attempt,2000)})}
// Whoever was heard a moment ago is there.
function whenThere(go){if(navigator.onLine!==false&&new Date()-heard<3000)go();else{due=go;attempt()}}
w.addEventListener('online',attempt);
function keep(){if(!store)return;var all=[],j,k,e;for(j=0;j<f.length;j++)for(k=0;k<f[j].elements.length;k++){e=f[j].elements[k];
if(e.name&&e.type!='hidden'&&e.type!='password'&&e.type!='submit')all.push([e.name,e.type=='radio'||e.type=='checkbox'?e.value:null,e.checked,e.value])}
try{store.setItem(key,JSON.stringify(all))}catch(x){}}
function restore(){var said=store&&store.getItem(key),all,j,k,e;if(!said)return;store.removeItem(key);all=JSON.parse(said);
for(j=0;j<f.length;j++)for(k=0;k<f[j].elements.length;k++){e=f[j].elements[k];for(i=0;i<all.length;i++)if(all[i][0]==e.name){
if(all[i][1]===null){if(e.type!='hidden'&&e.type!='submit'&&e.tagName!='BUTTON')e.value=all[i][3]}else if(e.value==all[i][1])e.checked=all[i][2]}}}
function sent(e){var form=this,by=tap&&tap.form==form?tap:form.querySelector('button'),to=by.getAttribute('formaction'),h;
if(e.defaultPrevented)return;e.preventDefault();if(due)return;if(by.className=='lang')keep();
setTimeout(function(){by.disabled=true},0);
whenThere(function(){if(by.name){h=d.createElement('input');h.type='hidden';h.name=by.name;h.value=by.value;form.appendChild(h)}if(to)form.action=to;form.submit()})}
d.addEventListener('click',function(e){var t=e.target;while(t&&t!=b&&t.tagName!='A'&&t.tagName!='BUTTON')t=t.parentNode;if(!t)return;
if(t.tagName=='BUTTON'){tap=t;return}
if(t.tagName!='A'||t.target||!t.href)return;if(t.className=='lang')keep();
if(navigator.onLine===false&&t.host==location.host){e.preventDefault();whenThere(function(){location.href=t.href})}});
// Of every form, also one that a script has made since.
d.addEventListener('submit',function(e){if(e.target.method=='post'&&!e.target.hasAttribute('data-own'))sent.call(e.target,e)});
restore();
w.addEventListener('pageshow',function(e){if(e.persisted)location.reload()});
var keeps=b.querySelector('[data-keep]'),bad=b.querySelector('[aria-invalid=true]');
if(keeps&&history.replaceState)history.replaceState(null,'',keeps.getAttribute('data-keep'));
if(bad)bad.focus();
// Only a page that somebody looks at is a visit: not one that was fetched ahead, or for a preview.
var told=b.getAttribute('data-seen');
function look(){if(told&&!d.hidden&&!d.prerendering){new Image().src=told;told=''}}
{% if request.url.scheme == "https" %}if(navigator.serviceWorker)navigator.serviceWorker.register('/sw.js').catch(function(){});{% endif %}
look();d.addEventListener('visibilitychange',look);d.addEventListener('prerenderingchange',look);
})();
